import type { Clock } from '../../../lib/core/clock.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { Database } from '../../../lib/db/database.ts';
import type { Metrics } from '../../../lib/telemetry/metrics.ts';
import type { Channel } from '../../../lib/db/notifications.ts';

/** A lead as a provider told it, read by the known fields. */
export interface ProvidedLead {
  readonly source: string;
  /** The provider's id of it: makes it one lead, however often it is written. */
  readonly referenceId: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** As JSON; null when the provider tells nothing of it. */
  readonly consent: unknown;
  /** Everything that the provider told, as JSON. */
  readonly rawPayload: unknown;
  /** Of the trace in which the provider told of it, where that is recorded. */
  readonly traceparent?: string | null;
}

export type WrittenLead =
  | { readonly kind: 'created' | 'existing'; readonly leadId: string }
  /** The database does not take it; `message` says why without showing it. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** Where whoever fetches leads puts them: the lead daemon writes them. */
export interface LeadWriter {
  /** Lead ids by reference, of those references that the client has from one of `sources`. */
  find(
    clientId: ClientId,
    sources: readonly string[],
    referenceIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
  /**
   * Stores leads with their events, each once: a reference that one of `sources` has brought already
   * is that lead. One result a lead, in their order; a refused one does not hurt its neighbours.
   */
  write(
    clientId: ClientId,
    sources: readonly string[],
    leads: readonly ProvidedLead[],
  ): Promise<WrittenLead[]>;
}

export interface LeadWriterDeps {
  /** As the worker or as the application. */
  readonly database: Database;
  readonly clock: Clock;
  readonly announce: (channel: Channel) => void;
  /** Where written leads are counted, if anywhere. */
  readonly metrics?: Metrics | undefined;
}
export type CreateLeadWriter = (deps: LeadWriterDeps) => LeadWriter;

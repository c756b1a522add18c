import { z } from 'zod';
import {
  sealedSecret,
  type Destination,
  type SealedSecret,
  type StoredSecrets,
} from '../destinations/model.ts';
import type { Switch } from './names.ts';

/** `client_integrations.config`: what belongs to no destination. */
export const storedConfig = z.object({
  meta: z.object({ page_access_token: sealedSecret }).partial().default({}),
});

/** The name under which the page token is bound: it opens there alone. */
export const META_SECRET = 'meta.page_access_token';

/** What the switchboard says of a destination: only the settings and secrets that it knows. */
export interface SwitchState {
  readonly enabled: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: StoredSecrets;
}

/** A client's integrations as they stand; version 0 while nothing was ever set. */
export interface StoredIntegrations {
  readonly switches: Readonly<Record<Switch, SwitchState>>;
  readonly meta_page_id: string | null;
  readonly meta_form_id: string | null;
  readonly page_access_token: SealedSecret | undefined;
  readonly version: number;
  readonly updated_at: Date | null;
}

/** The destinations behind the switches, as far as they are there. */
export type Switched = Readonly<Record<Switch, Destination | undefined>>;

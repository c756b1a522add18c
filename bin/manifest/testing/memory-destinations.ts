import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { fail } from '../../../lib/core/errors.ts';
import { fingerprint } from '../../../lib/secrets/sealed.ts';
import {
  missing,
  nothing,
  NOW,
  page,
  refused,
  type Ids,
  type MemoryClient,
  type MemoryDestination,
} from './memory-state.ts';
import { serve, type Answering } from './serve.ts';

/** Settings of the one kind: with what is filled in, and what may be written in two ways. */
const noteSettings = z.strictObject({
  board: z.string(),
  colour: z.enum(['red', 'green']).default('green'),
  layout: z
    .strictObject({
      title: z.string(),
      columns: z.int().default(1),
      parts: z
        .array(
          z
            .union([
              z.string().transform((field) => ({ field })),
              z.strictObject({ field: z.string(), fallback: z.string().optional() }),
            ])
            .meta({ 'x-shorthand': 'field' }),
        )
        .prefault([]),
    })
    .optional(),
});

const NOTE = {
  kind: 'note',
  title: 'Note on a board',
  settings_schema: { ...z.toJSONSchema(noteSettings, { io: 'input', unrepresentable: 'any' }) },
  check_is_silent: true,
  secrets: [{ name: 'token', title: 'Token', required: true, made_when_missing: true }],
};

const token = z.object({ token: z.string() }).partial();

/** Destinations of the kind `note`, judged as the service does. */
export function destinationRoutes(ids: Ids, at: (clientId: string) => MemoryClient): Answering {
  const view = (client_id: string, name: string) => {
    const one = at(client_id).destinations.get(name);
    if (one === undefined) throw new Error(`no destination ${name}`);
    const marks = Object.entries(one.secrets).map(
      ([secret, mark]) =>
        [secret, { set: true as const, updated_at: NOW, fingerprint: mark }] as const,
    );
    return {
      ...one,
      id: ids.of('destination', client_id, name),
      client_id,
      name,
      secrets: Object.fromEntries(marks),
      version: 1,
      disabled: null,
      held: [],
      warnings: [],
      created_at: NOW,
      updated_at: NOW,
    };
  };
  const secretsOf = (clientId: string, given: unknown): MemoryDestination['secrets'] => {
    const { token: secret } = token.parse(given);
    if (secret === undefined) return {};
    return { token: fingerprint({ clientId, field: 'note.token' }, secret) };
  };
  return serve(integrationContract, {
    listDestinationKinds: () => [NOTE],
    listDestinations: ({ params: { client_id } }) =>
      page([...at(client_id).destinations.keys()].map((name) => view(client_id, name))),
    createDestination({ params: { client_id }, body }) {
      const { name, kind, enabled, on, filter, settings: given } = body;
      if (at(client_id).destinations.has(name)) return refused('there is such a destination');
      const settings = noteSettings.safeParse(given);
      if (!settings.success) return fail('validation_failed', String(settings.error));
      const made = `pin_${randomBytes(8).toString('hex')}`;
      const secrets = secretsOf(client_id, { token: made, ...body.secrets });
      at(client_id).destinations.set(name, {
        kind,
        enabled,
        on,
        filter: filter ?? {},
        settings: { ...settings.data },
        secrets,
      });
      return view(client_id, name);
    },
    changeDestination({ params: { client_id, destination_id }, body }) {
      const name = ids.last(destination_id);
      const one = at(client_id).destinations.get(name);
      if (one === undefined) return missing();
      const merged = Object.entries({ ...one.settings, ...body.settings });
      const settings = noteSettings.safeParse(
        Object.fromEntries(merged.filter(([, value]) => value !== null)),
      );
      if (!settings.success) return fail('validation_failed', String(settings.error));
      one.settings = { ...settings.data };
      if (body.enabled !== undefined) one.enabled = body.enabled;
      if (body.on !== undefined) one.on = body.on;
      if (body.filter !== undefined) one.filter = body.filter ?? {};
      Object.assign(one.secrets, secretsOf(client_id, body.secrets ?? {}));
      return view(client_id, name);
    },
    removeDestination: ({ params: { client_id, destination_id } }) =>
      at(client_id).destinations.delete(ids.last(destination_id)) ? nothing : missing(),
  });
}

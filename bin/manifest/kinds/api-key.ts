import * as z from 'zod';
import { leadContract } from '../../../daemons/lead/contract.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { listEvery } from '../../client/paging.ts';
import { ref, type Outcome, type Wanted } from '../thing.ts';
import { done, gone, pick } from './answers.ts';
import { clientPart, type Kind } from './kind.ts';

const { name, prefix } = leadContract.routes.createApiKey.body.schema.shape;
const change = leadContract.routes.updateApiKey.body.schema.shape;
const item = z.strictObject({
  name,
  prefix: prefix.describe('How the value of a new key begins'),
  scopes: change.scopes,
  allowed_origins: change.allowed_origins,
  rate_limit_per_minute: change.rate_limit_per_minute.describe(
    'Most leads a minute; null for no limit, and 600 for a new key when not given',
  ),
  // With any offset here, in UTC on the wire.
  expires_at: z.iso
    .datetime({ offset: true, message: 'must be a time, e.g. 2030-01-01T00:00:00Z' })
    .transform((time) => new Date(time).toISOString())
    .nullable()
    .optional(),
});

const apiKey: Kind<ClientId> = {
  name: 'api_key',
  /** Live keys; of those that share a name during a rotation the newest, which is listed first. */
  async read({ api: { keys }, clientId }) {
    const params = { client_id: clientId };
    const all = await listEvery((query) => keys.call('listApiKeys', { params, query }));
    const live = all.filter(({ revoked_at }) => revoked_at === null);
    const newest = live.filter((key, at) => live.findIndex((one) => one.name === key.name) === at);
    return newest.map((key) => {
      const settings = {
        scopes: key.scopes.toSorted(),
        allowed_origins: key.allowed_origins.toSorted(),
        rate_limit_per_minute: key.rate_limit_per_minute,
        expires_at: key.expires_at,
      };
      const { allowed_origins, expires_at, ...always } = settings;
      return {
        ...ref('api_key', clientId, key.name),
        id: key.id,
        fields: settings,
        entry: {
          name: key.name,
          ...always,
          ...(allowed_origins.length === 0 ? {} : { allowed_origins }),
          ...(expires_at === null ? {} : { expires_at }),
        },
        remove: () => gone(keys.call('revokeApiKey', { params: { ...params, key_id: key.id } })),
      };
    });
  },
};

function apiKeyThing(spec: z.output<typeof item>, clientId: ClientId): Wanted {
  const self = ref('api_key', clientId, spec.name);
  const params = { client_id: clientId };
  const sorted = <T extends string>(list: readonly T[] | undefined): T[] | undefined =>
    list && [...new Set(list)].toSorted();
  const settings = {
    scopes: sorted(spec.scopes),
    allowed_origins: sorted(spec.allowed_origins),
    rate_limit_per_minute: spec.rate_limit_per_minute,
    expires_at: spec.expires_at,
  };
  return {
    ...self,
    fields: settings,
    make: async ({ api: { keys } }): Promise<Outcome> => {
      const { expires_at: end, ...rest } = settings;
      const { name, prefix } = spec;
      const body = {
        name,
        prefix,
        ...rest,
        expires_at: end ?? undefined,
      };
      const answer = await keys.call('createApiKey', { params, body });
      if (!answer.ok) return answer;
      const { id, key } = answer.body;
      return { ok: true, id, oneTime: { kind: 'api_key', key } };
    },
    change: ({ api, idOf }, changed) =>
      done(
        api.keys.call('updateApiKey', {
          params: { ...params, key_id: idOf(self) },
          body: pick(settings, changed),
        }),
      ),
  };
}

/** `api_keys` of a client; the value of a new one is shown once. */
export const apiKeys = clientPart({
  field: 'api_keys',
  item,
  kinds: [apiKey],
  things: (spec, { clientId }) => [apiKeyThing(spec, clientId)],
});

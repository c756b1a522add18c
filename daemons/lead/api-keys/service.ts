import { audit } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import {
  idCursor,
  readCursor,
  toPage,
  type Page,
  type PageQuery,
} from '../../../lib/core/paging.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../../lib/db/scope.ts';
import { newApiKey } from '../../../lib/secrets/tokens.ts';
import { refuseScopes, type KeyActor } from './policy.ts';
import type { ApiKey, ApiKeyChange, NewApiKey } from './shapes.ts';
import { present } from './present.ts';
import * as store from './store.ts';

export type ApiKeyWithSecret = ApiKey & { key: string };

export interface ApiKeyService {
  /** The new key with its value, which cannot be had a second time. */
  create(
    actor: KeyActor,
    clientId: ClientId,
    input: NewApiKey,
  ): Promise<ApiKeyWithSecret | Failure>;
  list(clientId: ClientId, page: PageQuery): Promise<Page<ApiKey> | Failure>;
  /** Changes what a key may do; its value stays. */
  update(
    actor: KeyActor,
    clientId: ClientId,
    id: string,
    change: ApiKeyChange,
  ): Promise<ApiKey | Failure>;
  revoke(actor: KeyActor, clientId: ClientId, id: string): Promise<Failure | undefined>;
  /** A successor of the same name and rights; the old key lives on for `overlapSeconds`. */
  rotate(
    actor: KeyActor,
    clientId: ClientId,
    id: string,
    overlapSeconds: number,
  ): Promise<ApiKeyWithSecret | Failure>;
}

export function createApiKeyService(deps: { database: Database; clock: Clock }): ApiKeyService {
  const { database, clock } = deps;
  return {
    async create(actor, clientId, input) {
      const past = refusePast(input.expires_at, clock());
      if (past) return past;
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const refusal = await refuseScopes(unit, actor.identity, input.scopes);
        if (refusal) return refusal;
        return insertKey(unit, actor, {
          name: input.name,
          prefix: input.prefix ?? defaultPrefix(clientId),
          scopes: input.scopes,
          allowed_origins: input.allowed_origins,
          rate_limit_per_minute: input.rate_limit_per_minute,
          expires_at: input.expires_at === undefined ? null : new Date(input.expires_at),
        });
      });
    },

    async list(clientId, page) {
      const cursor = readCursor(page.cursor, idCursor);
      if (isFailure(cursor)) return cursor;
      const rows = await database.inTransaction(clientScope(clientId), (unit) =>
        store.listKeys(unit, { limit: page.limit, beforeId: cursor?.[0] }),
      );
      return toPage(rows, page.limit, (row) => [row.id], present);
    },

    async update(actor, clientId, id, change) {
      const past = refusePast(change.expires_at, clock());
      if (past) return past;
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const key = await store.lockLiveKey(unit, id);
        if (key === undefined) return noSuchKey(id);
        const refusal =
          refuseReplaced(key) ?? (await refuseScopes(unit, actor.identity, change.scopes ?? []));
        if (refusal) return refusal;
        const row = await store.updateKey(unit, id, patchOf(change));
        await audit(unit, actor, {
          action: 'api_key.update',
          targetKind: 'api_key',
          targetId: id,
          detail: { ...change },
        });
        return present(row);
      });
    },

    revoke(actor, clientId, id) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const key = await store.lockLiveKey(unit, id);
        if (key === undefined) return noSuchKey(id);
        await store.endKey(unit, id, { revoked_at: clock() });
        await audit(unit, actor, { action: 'api_key.revoke', targetKind: 'api_key', targetId: id });
        return undefined;
      });
    },

    rotate(actor, clientId, id, overlapSeconds) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const old = await store.lockLiveKey(unit, id);
        if (old === undefined) return noSuchKey(id);
        // Whoever rotates a key learns its successor: that is as much as making it.
        const refusal =
          refuseReplaced(old) ?? (await refuseScopes(unit, actor.identity, old.scopes));
        if (refusal) return refusal;
        if (old.expires_at !== null && old.expires_at <= clock()) {
          return fail('conflict', 'The key has expired; revoke it and make a new one.');
        }
        const end = new Date(clock().getTime() + overlapSeconds * 1000);
        const overlapEnd = old.expires_at !== null && old.expires_at < end ? old.expires_at : end;
        await store.endKey(
          unit,
          id,
          overlapSeconds === 0
            ? { revoked_at: end }
            : { expires_at: overlapEnd, replaced_at: clock() },
        );
        return insertKey(unit, actor, {
          name: old.name,
          prefix: old.key_prefix.split('_', 1)[0] ?? defaultPrefix(clientId),
          scopes: old.scopes,
          allowed_origins: old.allowed_origins,
          rate_limit_per_minute: old.rate_limit_per_minute,
          expires_at: old.expires_at,
        });
      });
    },
  };
}

type KeySettings = Omit<store.ApiKeyInsert, 'id' | 'key_hash' | 'key_prefix'> & { prefix: string };

async function insertKey(
  unit: ClientUnit,
  actor: KeyActor,
  { prefix, ...settings }: KeySettings,
): Promise<ApiKeyWithSecret | Failure> {
  const { key, keyPrefix, hash } = newApiKey(prefix);
  const row = await store.insertKey(unit, {
    id: newId(),
    key_hash: Buffer.from(hash, 'hex'),
    key_prefix: keyPrefix,
    ...settings,
  });
  if (row === 'name_taken') {
    return fail(
      'conflict',
      `The client has a key named "${settings.name}"; rotate it, or pick another name.`,
    );
  }
  await audit(unit, actor, {
    action: 'api_key.create',
    targetKind: 'api_key',
    targetId: row.id,
    detail: { name: row.name, scopes: row.scopes },
  });
  return { ...present(row), key };
}

function patchOf({ expires_at, ...rest }: ApiKeyChange): store.ApiKeyPatch {
  const given = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  ) satisfies store.ApiKeyPatch;
  if (expires_at === undefined) return given;
  return { ...given, expires_at: expires_at === null ? null : new Date(expires_at) };
}

function refusePast(expiresAt: string | null | undefined, now: Date): Failure | undefined {
  if (expiresAt == null || new Date(expiresAt) > now) return undefined;
  return fail(
    'validation_failed',
    `expires_at ${expiresAt} has passed already: the key could never be used. Name a later time, or none; a key is ended by revoking it.`,
    { errors: [{ path: 'body.expires_at', message: 'must lie in the future' }] },
  );
}

/** The client's id shortened to what a prefix may be. */
function defaultPrefix(clientId: ClientId): string {
  return clientId.replaceAll(/[^a-z0-9]/g, '').slice(0, 16);
}

/** A replaced key only lives out its overlap: it can be revoked, nothing else. */
function refuseReplaced(key: store.ApiKeyRow): Failure | undefined {
  return key.replaced_at === null
    ? undefined
    : fail('conflict', 'The key has a successor already; use that one, or revoke this.');
}

function noSuchKey(id: string): Failure {
  return fail('not_found', `The client has no live API key ${id}.`);
}

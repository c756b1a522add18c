import type { Knex } from 'knex';
import type { z } from 'zod';
import type { ClientId } from '../core/ids.ts';

/** One client's rows. */
export interface ClientScope {
  readonly kind: 'client';
  readonly clientId: ClientId;
}

/** The rows about one user, in whichever client. */
export interface UserScope {
  readonly kind: 'user';
  readonly userId: string;
}

/** Every client's rows: an admin's list, or a daemon's own upkeep. `because` is for the reader. */
export interface AllClientsScope {
  readonly kind: 'all';
  readonly because: string;
}

/** Tables that belong to no client. */
export interface GlobalScope {
  readonly kind: 'global';
}

export type Scope = ClientScope | UserScope | AllClientsScope | GlobalScope;

export const clientScope = (clientId: ClientId): ClientScope => ({ kind: 'client', clientId });
export const userScope = (userId: string): UserScope => ({ kind: 'user', userId });
export const allClients = (because: string): AllClientsScope => ({ kind: 'all', because });
export const globalScope: GlobalScope = { kind: 'global' };

/** Values of a statement: in order, for each `?`, or by name, for each `:name`. */
export type Bindings = readonly Knex.RawBinding[] | Knex.ValueDict;

/**
 * A transaction together with what it may see. Stores take one, so that a query outside a
 * transaction, or a tenant's query without its client, does not compile.
 */
export interface Unit<S extends Scope = Scope> {
  readonly trx: Knex.Transaction;
  readonly scope: S;
  /** Runs SQL written by hand; resolves to its rows, each read by `row`. */
  rows<Row>(row: z.ZodType<Row>, sql: string, bindings?: Bindings): Promise<Row[]>;
  /** The first row, where there is one. */
  maybeOne<Row>(row: z.ZodType<Row>, sql: string, bindings?: Bindings): Promise<Row | undefined>;
  /** The only row; rejects when there is none, or more. */
  one<Row>(row: z.ZodType<Row>, sql: string, bindings?: Bindings): Promise<Row>;
  /** For what it does; resolves to how many rows that concerned. */
  run(sql: string, bindings?: Bindings): Promise<number>;
}

export type ClientUnit = Unit<ClientScope>;

/**
 * The transaction-local setting that row-level security reads for this scope. Every client's rows
 * are no setting's to show: they take a login of their own.
 */
export function scopeSetting(scope: Scope): readonly [name: string, value: string] | undefined {
  switch (scope.kind) {
    case 'client':
      return ['app.client_id', scope.clientId];
    case 'user':
      return ['app.user_id', scope.userId];
    case 'all':
    case 'global':
      return undefined;
  }
}

import { z } from 'zod';
import type { ProviderCall } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import type { MetaDeps } from './deps.ts';
import { graphError } from './graph-errors.ts';
import type { MetaLead } from './leads.ts';
import { nodeId } from './node.ts';
import { fieldNames } from './parameters.ts';
import { presentLead } from './present-lead.ts';
import { refuseToken, tokenOf } from './tokens.ts';

const OPERATORS = {
  GREATER_THAN: (time: number, value: number) => time > value,
  GREATER_THAN_OR_EQUAL: (time: number, value: number) => time >= value,
  LESS_THAN: (time: number, value: number) => time < value,
  LESS_THAN_OR_EQUAL: (time: number, value: number) => time <= value,
  EQUAL: (time: number, value: number) => time === value,
};

const filterSchema = z.array(
  z.object({
    field: z.literal('time_created'),
    operator: z.enum([
      'GREATER_THAN',
      'GREATER_THAN_OR_EQUAL',
      'LESS_THAN',
      'LESS_THAN_OR_EQUAL',
      'EQUAL',
    ]),
    value: z.coerce.number(),
  }),
);

const DEFAULT_LIMIT = 25;
const LARGEST_LIMIT = 500;

/** GET /{form_id}/leads: newest first, in pages that a cursor continues. */
export function getFormLeads(call: ProviderCall, deps: MetaDeps): ProviderReply {
  const refusal = refuseToken(call, { ...deps, scope: 'leads_retrieval', requireProof: true });
  if (refusal) return refusal;
  const filter = readFilter(call.query.get('filtering'));
  if (filter === undefined) {
    return graphError({ status: 400, code: 100, message: 'Param filtering must be an array.' });
  }
  const matching = deps.leads.ofForm(nodeId(call)).filter((lead) => filter(lead.created_time));
  const limit = readLimit(call.query.get('limit'));
  const start = startAfter(matching, call.query.get('after'));
  if (start === undefined) {
    return graphError({ status: 400, code: 100, message: 'Invalid cursors values' });
  }
  const page = matching.slice(start, start + limit);
  const data = page.map((lead) => presentLead(lead, fieldNames(call)));
  const hasMore = start + limit < matching.length;
  return { status: 200, body: { data, ...paging(call, page, hasMore) } };
}

function readFilter(text: string | null): ((time: number) => boolean) | undefined {
  if (text === null || text === '') return () => true;
  try {
    const filters = filterSchema.parse(JSON.parse(text));
    return (time) => filters.every(({ operator, value }) => OPERATORS[operator](time, value));
  } catch {
    return undefined;
  }
}

function readLimit(text: string | null): number {
  const limit = Number(text ?? DEFAULT_LIMIT);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, LARGEST_LIMIT) : DEFAULT_LIMIT;
}

/** Where the page after `cursor` begins; it names a lead, so that newer ones do not shift what follows. */
function startAfter(leads: readonly MetaLead[], cursor: string | null): number | undefined {
  if (cursor === null || cursor === '') return 0;
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  const index = leads.findIndex((lead) => lead.id === id);
  return index === -1 ? undefined : index + 1;
}

function paging(call: ProviderCall, page: readonly MetaLead[], hasMore: boolean): object {
  const [first] = page;
  const last = page.at(-1);
  if (first === undefined || last === undefined) return {};
  const after = cursorOf(last);
  const cursors = { before: cursorOf(first), after };
  return { paging: { cursors, ...(hasMore ? { next: nextUrl(call, after) } : {}) } };
}

function cursorOf(lead: MetaLead): string {
  return Buffer.from(lead.id).toString('base64url');
}

/** The link to the next page carries the token, as Graph's does, and leaves the proof to the caller. */
function nextUrl(call: ProviderCall, after: string): string {
  const query = new URLSearchParams(call.query);
  query.delete('appsecret_proof');
  query.set('access_token', tokenOf(call) ?? '');
  query.set('after', after);
  return `${call.origin}/${call.params['version']}/${nodeId(call)}/leads?${query}`;
}

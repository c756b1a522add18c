/** What the worker runs for leads, and what writes those that others fetched. */
export { createLeadWriter } from './provided/writer.ts';
export { pruneRefusals } from './refusals/store.ts';
export {
  findExpiringKeys,
  pruneEvents,
  pruneIdempotencyKeys,
  type ExpiringKey,
} from './retention.ts';

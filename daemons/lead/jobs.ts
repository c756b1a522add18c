export {
  createLeadWriter,
  type LeadWriter,
  type ProvidedLead,
  type WrittenLead,
} from './provided/writer.ts';
export {
  findExpiringKeys,
  pruneEvents,
  pruneIdempotencyKeys,
  type ExpiringKey,
} from './retention.ts';

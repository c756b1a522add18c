export {
  createLeadWriter,
  type LeadWriter,
  type ProvidedLead,
  type WrittenLead,
} from './provided/writer.ts';

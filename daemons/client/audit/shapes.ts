import { z } from 'zod';
import { idSchema } from '../../../lib/core/ids.ts';
import { pageQuery } from '../../../lib/core/paging.ts';
import { time } from '../../../lib/contract/shapes.ts';

/** `anonymous`: whoever was refused, and so proved to be nobody. */
export const AUDIT_ACTOR_KINDS = [
  'user',
  'token',
  'api_key',
  'service',
  'operator',
  'anonymous',
] as const;

export const auditEntry = z.object({
  id: idSchema,
  at: time,
  client_id: z.string().nullable(),
  actor_kind: z.enum(AUDIT_ACTOR_KINDS),
  actor_id: z.string().nullable(),
  action: z.string(),
  target_kind: z.string(),
  target_id: z.string(),
  request_id: z.string().nullable(),
  ip: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntryView = z.input<typeof auditEntry>;

const filterText = z.string().min(1).max(200).optional();
export const auditFilters = pageQuery.extend({
  actor_kind: z.enum(AUDIT_ACTOR_KINDS).optional(),
  actor_id: filterText,
  action: filterText,
  target_kind: filterText,
  target_id: filterText,
  /** From this moment on. */
  since: time.optional(),
  /** Before this moment. */
  until: time.optional(),
});
export type AuditFilters = z.output<typeof auditFilters>;

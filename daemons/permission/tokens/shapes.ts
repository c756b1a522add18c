import { z } from 'zod';
import { atMostOneOf, label } from '../../../lib/contract/refinements.ts';
import { time } from '../../../lib/contract/shapes.ts';
import { clientIdSchema, idSchema } from '../../../lib/core/ids.ts';
import { pageQuery } from '../../../lib/core/paging.ts';

export const ofToken = z.object({ token_id: idSchema });

export const machineToken = z.object({
  id: idSchema,
  name: z.string(),
  /** Null for an administrator's. */
  client_id: z.string().nullable(),
  /** What it acts as in its client; null for an administrator's, and once it is revoked. */
  role: z.object({ id: idSchema, name: z.string(), level: z.string() }).nullable(),
  token_prefix: z.string(),
  created_at: time,
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
  /** Give or take a minute. */
  last_used_at: time.nullable(),
});
export type MachineToken = z.input<typeof machineToken>;

/** As it is answered once, when it is made: the token cannot be had again. */
export const machineTokenWithSecret = machineToken.extend({ token: z.string() });
export type MachineTokenWithSecret = z.input<typeof machineTokenWithSecret>;

const NAMES_ROLE = [{ required: ['role'] }, { required: ['role_id'] }];

export const newMachineToken = atMostOneOf(
  z.strictObject({
    name: label(100),
    /** Without one it is an administrator's, and only administrators make it. */
    client_id: clientIdSchema.optional(),
    role: label(100).optional(),
    role_id: idSchema.optional(),
    expires_at: time.optional(),
  }),
  ['role', 'role_id'],
  'give either role (a name) or role_id',
)
  .refine(
    ({ client_id, role, role_id }) =>
      (client_id === undefined) === (role === undefined && role_id === undefined),
    { message: 'a client’s token needs a role, an administrator’s has none', path: ['role'] },
  )
  .meta({
    not: { required: ['role', 'role_id'] },
    oneOf: [
      { required: ['client_id'], anyOf: NAMES_ROLE },
      { not: { anyOf: [{ required: ['client_id'] }, ...NAMES_ROLE] } },
    ],
  });
export type NewMachineToken = z.output<typeof newMachineToken>;

export const tokenFilters = pageQuery.extend({ client_id: clientIdSchema.optional() });
export type TokenFilters = z.output<typeof tokenFilters>;

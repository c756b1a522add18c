import * as z from 'zod';

const contextSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  client: z.string().optional(),
});
export const configSchema = z.strictObject({
  current: z.string().optional(),
  contexts: z.record(z.string(), contextSchema),
});
const credentialSchema = z.strictObject({
  email: z.string().optional(),
  access_token: z.string(),
  access_expires_at: z.iso.datetime(),
  refresh_token: z.string(),
  refresh_expires_at: z.iso.datetime(),
});
export const credentialsSchema = z.strictObject({ logins: z.record(z.string(), credentialSchema) });

/** A gateway with the client one usually means there. */
export type Context = z.output<typeof contextSchema>;
export type Config = z.output<typeof configSchema>;
/** Tokens of one login; times are RFC 3339. */
export type Credential = z.output<typeof credentialSchema>;
export type Credentials = z.output<typeof credentialsSchema>;

import { z } from 'zod';
import { idSchema } from '../../lib/core/ids.ts';
import { pageOf, pageQuery } from '../../lib/core/paging.ts';
import { defineContract, empty, json } from '../../lib/contract/route.ts';
import { time } from '../../lib/contract/shapes.ts';
import { membershipSchema } from '../../lib/hierarchy/member.ts';
import { accountEmail } from '../../lib/identity/email.ts';
import { newPassword } from '../../lib/identity/password.ts';

/** A password as given: one that could never have been set is simply a wrong one. */
const givenPassword = z.string().min(1).max(1_000);
const givenCode = z.string().max(100);
const givenToken = z.string().min(1).max(4_000);

const user = z.object({
  id: idSchema,
  email: z.string(),
  /** Where messages for whoever works on a lead go. */
  phone: z.string().nullable(),
  is_admin: z.boolean(),
  status: z.enum(['active', 'invited', 'disabled']),
  /** Its owner redeemed a link that went out by e-mail, or an administrator vouched. */
  email_proven: z.boolean(),
  /** A login needs a code of an authenticator app as well. */
  has_totp: z.boolean(),
});
export type User = z.input<typeof user>;

const me = user.extend({
  /** Null for a machine token. */
  email: z.string().nullable(),
  /** Its name, where a machine token asks. */
  machine_token: z.string().optional(),
  memberships: z.array(membershipSchema),
});
export type Me = z.input<typeof me>;

const tokens = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('Bearer'),
  /** Seconds, both. */
  expires_in: z.int(),
  refresh_expires_in: z.int(),
});
export type Tokens = z.input<typeof tokens>;

const session = z.object({
  id: idSchema,
  created_at: time,
  /** The login, or the last refresh since. */
  last_used_at: time,
  expires_at: time,
  /** Of the login; null when not known. */
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
  /** Is it the one that this request was made in? */
  current: z.boolean(),
});
export type Session = z.input<typeof session>;

const credentials = z.strictObject({
  email: accountEmail,
  password: givenPassword,
  totp: givenCode
    .optional()
    .describe('Of an authenticator app, or for recovery; once it is set up'),
});
export type Credentials = z.output<typeof credentials>;

const passwordChange = z.strictObject({
  current_password: givenPassword,
  new_password: newPassword,
  refresh_token: givenToken.optional().describe('The session to keep; the others end'),
});
export type PasswordChange = z.output<typeof passwordChange>;

const totpStart = z.object({
  /** Base32, for typing it in. */
  secret: z.string(),
  /** What an authenticator app reads as a QR code. */
  otpauth_url: z.string(),
});
export type TotpStart = z.input<typeof totpStart>;

const totpRemoval = z.union([
  z.strictObject({ code: givenCode }),
  z.strictObject({ password: givenPassword }),
]);
export type TotpRemoval = z.output<typeof totpRemoval>;

export const authContract = defineContract('auth', {
  register: {
    method: 'POST',
    path: '/api/auth/register',
    access: 'public',
    summary: 'Register a user, who belongs to no client yet',
    body: json(z.strictObject({ email: accountEmail, password: newPassword })),
    responses: { 201: json(user) },
    errors: ['email_taken', 'forbidden', 'rate_limited', 'upstream_unavailable'],
  },
  login: {
    method: 'POST',
    path: '/api/auth/login',
    access: 'public',
    summary: 'Exchange e-mail and password for an access and a refresh token',
    body: json(credentials),
    responses: { 200: json(tokens) },
    errors: ['invalid_credentials', 'upstream_unavailable'],
  },
  refresh: {
    method: 'POST',
    path: '/api/auth/refresh',
    access: 'public',
    summary:
      'Exchange a refresh token for new tokens; it works once, using it again ends the session',
    body: json(z.strictObject({ refresh_token: givenToken })),
    responses: { 200: json(tokens) },
    errors: ['unauthenticated'],
  },
  logout: {
    method: 'POST',
    path: '/api/auth/logout',
    access: 'user',
    summary: 'End the session of a refresh token',
    body: json(z.strictObject({ refresh_token: givenToken })),
    responses: { 204: empty },
  },
  listSessions: {
    method: 'GET',
    path: '/api/auth/sessions',
    access: 'user',
    summary: 'List your own sessions, newest first',
    query: pageQuery,
    responses: { 200: json(pageOf(session)) },
  },
  endSession: {
    method: 'DELETE',
    path: '/api/auth/sessions/{session_id}',
    access: 'user',
    summary: 'End one of your sessions; its access tokens are dead within a second',
    params: z.object({ session_id: idSchema }),
    responses: { 204: empty },
    errors: ['not_found'],
  },
  me: {
    method: 'GET',
    path: '/api/auth/me',
    access: 'bearer',
    summary: 'Who you are, and your memberships; or what a machine token acts as',
    responses: { 200: json(me) },
  },
  setPassword: {
    method: 'POST',
    path: '/api/auth/password/set',
    access: 'public',
    summary: 'Set a password with a one-time link’s token; accepts an invitation',
    body: json(z.strictObject({ token: givenToken, password: newPassword })),
    responses: { 200: json(user) },
    errors: ['not_found', 'conflict', 'upstream_unavailable'],
  },
  forgotPassword: {
    method: 'POST',
    path: '/api/auth/password/forgot',
    access: 'public',
    summary: 'Have a link sent to choose a new password; the answer is the same for any e-mail',
    body: json(z.strictObject({ email: accountEmail })),
    responses: { 202: json(z.object({ detail: z.string() })) },
    errors: ['rate_limited'],
  },
  changePassword: {
    method: 'POST',
    path: '/api/auth/password/change',
    access: 'user',
    summary: 'Change your password; your other sessions end',
    body: json(passwordChange),
    responses: { 204: empty },
    errors: ['invalid_credentials', 'conflict', 'upstream_unavailable'],
  },
  beginTotp: {
    method: 'POST',
    path: '/api/auth/totp',
    access: 'user',
    summary: 'Begin to set up an authenticator app: its secret, shown this once',
    responses: { 201: json(totpStart) },
    errors: ['conflict'],
  },
  confirmTotp: {
    method: 'POST',
    path: '/api/auth/totp/confirm',
    access: 'user',
    summary: 'Switch the authenticator app on with one of its codes; answers recovery codes, once',
    body: json(z.strictObject({ code: givenCode })),
    responses: { 200: json(z.object({ recovery_codes: z.array(z.string()) })) },
    errors: ['conflict', 'invalid_credentials'],
  },
  removeTotp: {
    method: 'DELETE',
    path: '/api/auth/totp',
    access: 'user',
    summary: 'Remove the authenticator app, by one of its codes or your password',
    body: json(totpRemoval),
    responses: { 204: empty },
    errors: ['conflict', 'invalid_credentials', 'upstream_unavailable'],
  },
});
export type AuthContract = typeof authContract;

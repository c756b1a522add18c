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
const givenToken = z.string().min(1).max(4_000);

const user = z.object({
  id: idSchema,
  email: z.string(),
  is_admin: z.boolean(),
  status: z.enum(['active', 'invited', 'disabled']),
});
export type User = z.input<typeof user>;

const me = user.extend({ memberships: z.array(membershipSchema) });
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

const credentials = z.strictObject({ email: accountEmail, password: givenPassword });
export type Credentials = z.output<typeof credentials>;

const passwordChange = z.strictObject({
  current_password: givenPassword,
  new_password: newPassword,
  refresh_token: givenToken.optional().describe('The session to keep; the others end'),
});
export type PasswordChange = z.output<typeof passwordChange>;

export const authContract = defineContract('auth', {
  register: {
    method: 'POST',
    path: '/api/auth/register',
    access: 'public',
    summary: 'Register a user, who belongs to no client yet',
    body: json(z.strictObject({ email: accountEmail, password: newPassword })),
    responses: { 201: json(user) },
    errors: ['email_taken', 'forbidden', 'upstream_unavailable'],
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
  },
  me: {
    method: 'GET',
    path: '/api/auth/me',
    access: 'user',
    summary: 'Who you are, and your memberships',
    responses: { 200: json(me) },
  },
  setPassword: {
    method: 'POST',
    path: '/api/auth/password/set',
    access: 'public',
    summary: 'Set a password with a one-time link’s token; accepts an invitation',
    body: json(z.strictObject({ token: givenToken, password: newPassword })),
    responses: { 200: json(user) },
    errors: ['not_found', 'upstream_unavailable'],
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
});
export type AuthContract = typeof authContract;

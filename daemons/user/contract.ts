import { z } from 'zod';
import { idSchema } from '../../lib/core/ids.ts';
import {
  atMostOneOf,
  exactlyOneOf,
  label,
  namesSomething,
} from '../../lib/contract/refinements.ts';
import { pageOf, pageQuery } from '../../lib/core/paging.ts';
import { defineContract, empty, json } from '../../lib/contract/route.ts';
import { inClient, time } from '../../lib/contract/shapes.ts';
import { accountEmail } from '../../lib/identity/email.ts';
import { accountPhone } from '../../lib/identity/phone.ts';
import { newPassword } from '../../lib/identity/password.ts';
import { memberSchema, membershipSchema, USER_STATUSES } from '../../lib/hierarchy/member.ts';

const ofMember = inClient.extend({ user_client_id: idSchema });
const ofUser = z.object({ user_id: idSchema });

const user = z.object({
  id: idSchema,
  email: z.string(),
  /** Where messages for whoever works on a lead go. */
  phone: z.string().nullable(),
  is_admin: z.boolean(),
  status: z.enum(USER_STATUSES),
  /** Its owner redeemed a link that went out by e-mail, or an administrator vouched. */
  email_proven: z.boolean(),
  /** A login needs a code of an authenticator app as well. */
  has_totp: z.boolean(),
  created_at: time,
  updated_at: time,
});
export type User = z.input<typeof user>;

const userWithMemberships = user.extend({
  memberships: z.array(membershipSchema),
});
export type UserWithMemberships = z.input<typeof userWithMemberships>;

/** The one-time link with which a new user sets the first password; it cannot be shown again. */
const invitation = z.object({
  /** True: it went to the user's address, and is shown to nobody else. */
  emailed: z.boolean(),
  /** The page at which the user chooses a password; when it was not mailed. */
  url: z.string().optional(),
  token: z.string().optional(),
  expires_at: time,
  /** Why the mail did not go out, where there is a mail server. */
  email_failure: z.string().optional(),
});
export type Invitation = z.input<typeof invitation>;

const phone = accountPhone.describe('In E.164; where messages for whoever works on a lead go');

const newUser = z.strictObject({
  email: accountEmail,
  password: newPassword.optional(),
  is_admin: z.boolean().default(false),
  phone: phone.nullish(),
});
export type NewUser = z.output<typeof newUser>;

const userChange = namesSomething(
  z
    .strictObject({
      status: z.enum(['active', 'disabled']),
      is_admin: z.boolean(),
      phone: phone.nullable(),
      email_proven: z.boolean().describe('Vouch for the e-mail, or take that back'),
      has_totp: z
        .literal(false)
        .describe('Remove the authenticator app of somebody who lost theirs'),
    })
    .partial(),
);
export type UserChange = z.output<typeof userChange>;

const userFilters = pageQuery.extend({
  q: z.string().min(1).max(200).optional(),
  status: z.enum(USER_STATUSES).optional(),
});
export type UserFilters = z.output<typeof userFilters>;

const roleName = label(200);
const ROLE_OR_ID = 'give either role (a name) or role_id';

const newMember = exactlyOneOf(
  exactlyOneOf(
    z.strictObject({
      user_id: idSchema.optional(),
      email: accountEmail.optional(),
      role: roleName.optional(),
      role_id: idSchema.optional(),
      reports_to_user_client_id: idSchema.nullable().optional(),
      accept_unproven: z
        .boolean()
        .default(false)
        .describe(
          'For administrators: vouch for an account that nobody has proven to be its owner’s. Its password and sessions end, and a new one-time link is answered',
        ),
    }),
    ['user_id', 'email'],
    'give either user_id or email',
  ),
  ['role', 'role_id'],
  ROLE_OR_ID,
);
export type NewMember = z.output<typeof newMember>;

const memberChange = atMostOneOf(
  namesSomething(
    z
      .strictObject({
        role: roleName,
        role_id: idSchema,
        reports_to_user_client_id: idSchema.nullable(),
      })
      .partial(),
  ),
  ['role', 'role_id'],
  ROLE_OR_ID,
);
export type MemberChange = z.output<typeof memberChange>;

const memberFilters = pageQuery.extend({ q: z.string().min(1).max(200).optional() });
export type MemberFilters = z.output<typeof memberFilters>;

export const userContract = defineContract('user', {
  listUsers: {
    method: 'GET',
    path: '/api/users',
    access: 'grant',
    summary: 'List users, newest first; q is part of an e-mail',
    query: userFilters,
    responses: { 200: json(pageOf(user)) },
  },
  createUser: {
    method: 'POST',
    path: '/api/users',
    access: 'grant',
    summary:
      'Make a user, vouching for the e-mail where you are an admin; without a password they are invited by a one-time link',
    body: json(newUser),
    responses: { 201: json(user.extend({ invitation: invitation.optional() })) },
    errors: ['email_taken', 'upstream_unavailable'],
  },
  getUser: {
    method: 'GET',
    path: '/api/users/{user_id}',
    access: 'grant',
    summary: 'Read a user and their memberships',
    params: ofUser,
    responses: { 200: json(userWithMemberships) },
  },
  updateUser: {
    method: 'PATCH',
    path: '/api/users/{user_id}',
    access: 'grant',
    summary: 'Disable or enable a user, make them an admin or not, vouch for their e-mail',
    params: ofUser,
    body: json(userChange),
    responses: { 200: json(user) },
    errors: ['conflict'],
  },
  inviteUser: {
    method: 'POST',
    path: '/api/users/{user_id}/invitation',
    access: 'grant',
    summary:
      'Make a new one-time link to set a password; earlier ones stop working, and so do password and sessions of an account whose e-mail is not proven',
    params: ofUser,
    responses: { 201: json(invitation) },
    errors: ['conflict'],
  },
  listMembers: {
    method: 'GET',
    path: '/api/clients/{client_id}/members',
    access: 'grant',
    summary: 'List yourself and the members below you, newest first; q is part of an e-mail',
    params: inClient,
    query: memberFilters,
    responses: { 200: json(pageOf(memberSchema)) },
  },
  createMember: {
    method: 'POST',
    path: '/api/clients/{client_id}/members',
    access: 'grant',
    summary: 'Make a user a member; they report to you unless somebody below you is named',
    params: inClient,
    body: json(newMember),
    responses: {
      201: json(
        memberSchema.extend({
          /** Told to administrators: the account was there before. */
          user_existed: z.literal(true).optional(),
          invitation: invitation.optional(),
        }),
      ),
    },
    errors: ['conflict', 'account_unproven'],
  },
  getMember: {
    method: 'GET',
    path: '/api/clients/{client_id}/members/{user_client_id}',
    access: 'grant',
    summary: 'Read a member in your part of the hierarchy',
    params: ofMember,
    responses: { 200: json(memberSchema) },
  },
  updateMember: {
    method: 'PATCH',
    path: '/api/clients/{client_id}/members/{user_client_id}',
    access: 'grant',
    summary: 'Change the role or the manager of a member below you; their reports move along',
    params: ofMember,
    body: json(memberChange),
    responses: { 200: json(memberSchema) },
    errors: ['hierarchy_cycle'],
  },
  inviteMember: {
    method: 'POST',
    path: '/api/clients/{client_id}/members/{user_client_id}/invitation',
    access: 'grant',
    summary:
      'Make a new one-time link for a member below you whose e-mail is not proven; the earlier one ends, with whatever password and sessions it had',
    params: ofMember,
    responses: { 201: json(invitation) },
    errors: ['conflict', 'rate_limited'],
  },
  removeMember: {
    method: 'DELETE',
    path: '/api/clients/{client_id}/members/{user_client_id}',
    access: 'grant',
    summary: 'Remove a member below you; reports and leads pass to their manager',
    params: ofMember,
    responses: { 204: empty },
  },
});
export type UserContract = typeof userContract;

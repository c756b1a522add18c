import { z } from 'zod';
import { clientIdSchema, idSchema } from '../../lib/core/ids.ts';
import { atLeastOneOf, label, namesSomething } from '../../lib/contract/refinements.ts';
import { pageOf, pageQuery } from '../../lib/core/paging.ts';
import { defineContract, empty, json, SERVICES } from '../../lib/contract/route.ts';
import { time } from '../../lib/contract/shapes.ts';
import {
  machineToken,
  machineTokenWithSecret,
  newMachineToken,
  ofToken,
  tokenFilters,
} from './tokens/shapes.ts';

export type { MachineToken, MachineTokenWithSecret } from './tokens/shapes.ts';

const ofRole = z.object({ role_id: idSchema });
const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** An integer carried as a string; the lower, the more senior. */
const level = z
  .union([
    z.string().regex(/^\d{1,9}$/, { message: 'must be a whole number from 0 on, e.g. "10"' }),
    z.int().min(0).max(999_999_999),
  ])
  .transform((level) => String(Number(level)));
const roleName = label(100);
const description = z.string().trim().max(1_000).nullable();

const role = z.object({
  id: idSchema,
  name: z.string(),
  level: z.string(),
  description: z.string().nullable(),
  created_at: time,
  updated_at: time,
});
export type Role = z.input<typeof role>;

const newRole = z.strictObject({
  name: roleName,
  level,
  description: description.default(null),
});
export type NewRole = z.output<typeof newRole>;

const roleChange = namesSomething(z.strictObject({ name: roleName, level, description }).partial());
export type RoleChange = z.output<typeof roleChange>;

const reach = z.enum(['client', 'platform']);

const permission = z.object({
  id: idSchema,
  method,
  path: z.string(),
  description: z.string(),
  service: z.string(),
  /** Whether it counts in the client that the path names, or everywhere once it is held in an active one. */
  reach,
});
export type Permission = z.input<typeof permission>;

const rolePermissions = z.object({
  role_id: idSchema,
  permission_ids: z.array(idSchema),
  permissions: z.array(permission),
});
export type RolePermissions = z.input<typeof rolePermissions>;

/** `GET /api/clients/{client_id}/leads`; patterns are resolved when they are granted. */
const grant = z
  .string()
  .max(500)
  .meta({ pattern: String.raw`^(?:\*|GET|POST|PUT|PATCH|DELETE) /[^\s\u0000]*$` });

/** Permissions by id, by pattern (`* /api/clients/{client_id}/leads/**`), or both. */
const selection = atLeastOneOf(
  z
    .strictObject({
      permission_ids: z.array(idSchema).max(2_000),
      grants: z.array(grant).max(500),
    })
    .partial(),
  ['permission_ids', 'grants'],
  'needs permission_ids or grants',
);
export type Selection = z.output<typeof selection>;

const attempt = z.strictObject({
  user_id: idSchema,
  /** Needed where the path is a template that names a client; a concrete path says it itself. */
  client_id: clientIdSchema.nullish(),
  method: z.string().trim().toUpperCase().pipe(method).meta({ enum: method.options }),
  /** The template, or a concrete path such as `/api/clients/acme/leads`. */
  path: z.string().startsWith('/').max(2_000),
});
export type AccessAttempt = z.output<typeof attempt>;

const verdict = z.object({
  allowed: z.boolean(),
  reason: z.string(),
  role: z.object({ id: idSchema, name: z.string(), level: z.string() }).nullable(),
  /** The permission that the attempt needs; null where no daemon registered one. */
  permission_id: idSchema.nullable(),
});
export type Verdict = z.input<typeof verdict>;

const declaration = z.strictObject({
  method,
  path: z.string().startsWith('/').max(500),
  description: z.string().min(1).max(1_000),
  reach,
});
export type Declaration = z.output<typeof declaration>;

const registration = z.object({ added: z.int(), updated: z.int(), gone: z.int() });
export type Registration = z.input<typeof registration>;

export const permissionContract = defineContract('permission', {
  createRole: {
    method: 'POST',
    path: '/api/roles',
    access: 'grant',
    summary: 'Make a role',
    body: json(newRole),
    responses: { 201: json(role) },
    errors: ['conflict'],
  },
  listRoles: {
    method: 'GET',
    path: '/api/roles',
    access: 'grant',
    summary: 'List the roles, the most senior first',
    query: pageQuery,
    responses: { 200: json(pageOf(role)) },
  },
  getRole: {
    method: 'GET',
    path: '/api/roles/{role_id}',
    access: 'grant',
    summary: 'Read a role',
    params: ofRole,
    responses: { 200: json(role) },
    errors: ['not_found'],
  },
  updateRole: {
    method: 'PATCH',
    path: '/api/roles/{role_id}',
    access: 'grant',
    summary: 'Rename a role, or change its level or description',
    params: ofRole,
    body: json(roleChange),
    responses: { 200: json(role) },
    errors: ['conflict'],
  },
  deleteRole: {
    method: 'DELETE',
    path: '/api/roles/{role_id}',
    access: 'grant',
    summary: 'Delete a role that no member has',
    params: ofRole,
    responses: { 204: empty },
    errors: ['conflict'],
  },
  listPermissions: {
    method: 'GET',
    path: '/api/permissions',
    access: 'grant',
    summary: 'List every permission that a role can hold',
    responses: { 200: json(z.array(permission)) },
  },
  getRolePermissions: {
    method: 'GET',
    path: '/api/roles/{role_id}/permissions',
    access: 'grant',
    summary: 'What a role may do',
    params: ofRole,
    responses: { 200: json(rolePermissions) },
    errors: ['not_found'],
  },
  setRolePermissions: {
    method: 'PUT',
    path: '/api/roles/{role_id}/permissions',
    access: 'grant',
    summary: 'Let a role do exactly this',
    params: ofRole,
    body: json(selection),
    responses: { 200: json(rolePermissions) },
  },
  addRolePermissions: {
    method: 'POST',
    path: '/api/roles/{role_id}/permissions',
    access: 'grant',
    summary: 'Let a role do this too',
    params: ofRole,
    body: json(selection),
    responses: { 200: json(rolePermissions) },
  },
  removeRolePermission: {
    method: 'DELETE',
    path: '/api/roles/{role_id}/permissions/{permission_id}',
    access: 'grant',
    summary: 'Take a permission from a role',
    params: ofRole.extend({ permission_id: idSchema }),
    responses: { 204: empty },
  },
  checkAccess: {
    method: 'POST',
    path: '/api/permissions/check',
    access: 'bearer',
    summary: 'May a user do this, and by which role, or why not? About oneself, or as an admin',
    body: json(attempt),
    responses: { 200: json(verdict) },
    errors: ['forbidden', 'not_found'],
  },
  createToken: {
    method: 'POST',
    path: '/api/tokens',
    access: 'grant',
    summary: 'Make a machine token; its value is shown this once',
    body: json(newMachineToken),
    responses: { 201: json(machineTokenWithSecret) },
    errors: ['conflict'],
  },
  listTokens: {
    method: 'GET',
    path: '/api/tokens',
    access: 'grant',
    summary: 'List machine tokens, newest first, without their values',
    query: tokenFilters,
    responses: { 200: json(pageOf(machineToken)) },
  },
  getToken: {
    method: 'GET',
    path: '/api/tokens/{token_id}',
    access: 'grant',
    summary: 'Read a machine token, without its value',
    params: ofToken,
    responses: { 200: json(machineToken) },
  },
  revokeToken: {
    method: 'DELETE',
    path: '/api/tokens/{token_id}',
    access: 'grant',
    summary: 'Revoke a machine token, everywhere within a second',
    params: ofToken,
    responses: { 204: empty },
  },
  registerPermissions: {
    method: 'PUT',
    path: '/api/internal/permissions/{service}',
    access: 'service',
    summary: 'Declare all the routes of a service that a role can be granted',
    params: z.object({ service: z.enum(SERVICES) }),
    body: json(z.strictObject({ permissions: z.array(declaration).max(1_000) })),
    responses: { 200: json(registration) },
    errors: ['forbidden'],
  },
});
export type PermissionContract = typeof permissionContract;

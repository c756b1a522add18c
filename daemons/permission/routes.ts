import { by } from '../../lib/audit/audit.ts';
import { isFailure } from '../../lib/core/errors.ts';
import { reply, type Handlers } from '../../lib/contract/handler.ts';
import type { PermissionCatalogue } from './catalogue/service.ts';
import type { AccessChecker } from './check/service.ts';
import type { PermissionContract } from './contract.ts';
import type { GrantService } from './grants/service.ts';
import type { RoleService } from './roles/service.ts';
import type { MachineTokenService } from './tokens/service.ts';

export interface PermissionRouteDeps {
  readonly roles: RoleService;
  readonly grants: GrantService;
  readonly catalogue: PermissionCatalogue;
  readonly checker: AccessChecker;
  readonly tokens: MachineTokenService;
}

export function permissionRoutes(deps: PermissionRouteDeps): Handlers<PermissionContract> {
  const { roles, grants, catalogue, checker, tokens } = deps;
  return {
    createRole: ({ body, actor, call }) => roles.create(by(actor, call), body),

    listRoles: ({ query }) => roles.list(query),

    getRole: ({ params }) => roles.get(params.role_id),

    updateRole: ({ params, body, actor, call }) =>
      roles.update(by(actor, call), params.role_id, body),

    deleteRole: ({ params, actor, call }) => roles.remove(by(actor, call), params.role_id),

    listPermissions: () => catalogue.list(),

    getRolePermissions: ({ params }) => grants.get(params.role_id),

    setRolePermissions: ({ params, body, actor, call }) =>
      grants.set(by(actor, call), params.role_id, body),

    addRolePermissions: ({ params, body, actor, call }) =>
      grants.add(by(actor, call), params.role_id, body),

    async removeRolePermission({ params, actor, call }) {
      const { role_id, permission_id } = params;
      return grants.remove(by(actor, call), role_id, permission_id);
    },

    checkAccess: ({ body, actor }) => checker.check(actor, body),

    async createToken({ body, actor, call }) {
      const token = await tokens.create(by(actor, call), body);
      return isFailure(token) ? token : reply(201, token, NOT_STORED);
    },

    listTokens: ({ query, actor }) => tokens.list(actor, query),

    getToken: ({ params, actor }) => tokens.get(actor, params.token_id),

    revokeToken: ({ params, actor, call }) => tokens.revoke(by(actor, call), params.token_id),

    registerPermissions: ({ params, body, actor, call }) =>
      catalogue.register(by(actor, call), params.service, body.permissions),
  };
}

const NOT_STORED = { 'Cache-Control': 'no-store' };

import { clientContract } from '../../../daemons/client/contract.ts';
import { permissionContract } from '../../../daemons/permission/contract.ts';
import { reachOf } from '../../../lib/contract/route.ts';
import { productContract } from '../../../daemons/product/contract.ts';
import {
  missing,
  nothing,
  NOW,
  page,
  refused,
  type Ids,
  type MemoryState,
} from './memory-state.ts';
import { serve, type Answering } from './serve.ts';

export function roleRoutes(state: MemoryState, ids: Ids): Answering {
  const view = (name: string) => {
    const { level = '', description = null } = state.roles.get(name) ?? {};
    const id = ids.of('role', name);
    return { id, name, level, description, created_at: NOW, updated_at: NOW };
  };
  const permission = (name: string) => {
    const [verb = '', path = ''] = name.split(' ');
    const method =
      (['GET', 'POST', 'PATCH', 'DELETE'] as const).find((one) => one === verb) ?? 'GET';
    const reach = reachOf({ path: `/${path.slice(1)}` });
    const id = ids.of('permission', name);
    return { id, method, path, reach, description: '-', service: 'lead' };
  };
  const granted = (name: string) => {
    const permissions_ = [...(state.roles.get(name)?.grants ?? [])].map(permission);
    const permission_ids = permissions_.map(({ id }) => id);
    return { role_id: ids.of('role', name), permission_ids, permissions: permissions_ };
  };
  return serve(permissionContract, {
    listPermissions: () => state.permissions.map(permission),
    listRoles: () => page([...state.roles.keys()].map(view)),
    createRole({ body: { name, level, description } }) {
      if (state.roles.has(name)) return refused('there is such a role');
      state.roles.set(name, { level, description, grants: new Set() });
      return view(name);
    },
    updateRole({ params, body: { level, description } }) {
      const name = ids.last(params.role_id);
      const role = state.roles.get(name);
      if (role === undefined) return missing();
      if (level !== undefined) role.level = level;
      if (description !== undefined) role.description = description;
      return view(name);
    },
    deleteRole({ params }) {
      const name = ids.last(params.role_id);
      const members = [...state.clients.values()].flatMap((one) => [...one.members.values()]);
      if (members.some(({ role }) => role === name)) return refused('a member has it');
      return state.roles.delete(name) ? nothing : missing();
    },
    getRolePermissions: ({ params }) => granted(ids.last(params.role_id)),
    setRolePermissions({ params, body: { permission_ids = [] } }) {
      const name = ids.last(params.role_id);
      const role = state.roles.get(name);
      if (role === undefined) return missing();
      role.grants = new Set(permission_ids.map(ids.last));
      return granted(name);
    },
  });
}

export function catalogueRoutes({ catalogue, clients }: MemoryState, ids: Ids): Answering {
  const at = (depth: number): string[] =>
    [...catalogue].filter((path) => path.split('/').length === depth);
  const view = (path: string) => {
    const name = path.split('/').at(-1) ?? '';
    return { id: ids.of('catalogue', path), name, created_at: NOW };
  };
  const above = (path: string): string =>
    ids.of('catalogue', path.split('/').slice(0, -1).join('/'));
  const add = (parent: string | undefined, name: string) => {
    const path = parent === undefined ? name : `${ids.last(parent)}/${name}`;
    if (catalogue.has(path)) return refused('there is one');
    if (parent !== undefined && !catalogue.has(ids.last(parent))) return missing();
    catalogue.add(path);
    return view(path);
  };
  const remove = (id: string) => {
    const path = ids.last(id);
    if ([...catalogue].some((one) => one.startsWith(`${path}/`))) return refused('not empty');
    const isOffered = [...clients.values()].some(({ products }) => products.has(path));
    if (isOffered) return refused('a client offers it');
    return catalogue.delete(path) ? nothing : missing();
  };
  const category = (path: string) => ({ ...view(path), industry_id: above(path) });
  const product = (path: string) => ({ ...view(path), category_id: above(path) });
  return serve(productContract, {
    listIndustries: () => page(at(1).map(view)),
    listCategories: () => page(at(2).map(category)),
    listProducts: () => page(at(3).map(product)),
    createIndustry({ body: { name } }) {
      const made = add(undefined, name);
      return 'code' in made ? made : made;
    },
    createCategory({ body: { name, industry_id } }) {
      const made = add(industry_id, name);
      return 'code' in made ? made : { ...made, industry_id };
    },
    createProduct({ body: { name, category_id } }) {
      const made = add(category_id, name);
      return 'code' in made ? made : { ...made, category_id };
    },
    deleteIndustry: ({ params }) => remove(params.industry_id),
    deleteCategory: ({ params }) => remove(params.category_id),
    deleteProduct: ({ params }) => remove(params.product_id),
  });
}

export function setRoutes({ owners }: MemoryState): Answering {
  return serve(clientContract, {
    listSetEntries: ({ params }) =>
      page([...owners.values()].filter(({ set }) => set === params.set).map(({ entry }) => entry)),
    claimSetEntries({ params: { set }, body: { entries } }) {
      for (const entry of entries) owners.set(JSON.stringify(entry), { set, entry });
      return nothing;
    },
    releaseSetEntries({ body: { entries } }) {
      for (const entry of entries) owners.delete(JSON.stringify(entry));
      return nothing;
    },
  });
}

import type { Operation } from '../faults/faults.ts';
import type { ProviderCall, ProviderEndpoint } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import { debugToken } from './debug-token.ts';
import type { MetaDeps } from './deps.ts';
import { getFormLeads } from './form-leads.ts';
import { graphError } from './graph-errors.ts';
import { classifyNode, getNode, nodeId, presentForm } from './node.ts';
import { appSubscriptions, subscribedApps } from './subscription-endpoints.ts';
import { refuseToken } from './tokens.ts';
import { isGraphVersion } from './version.ts';

const METHODS = ['GET', 'POST', 'DELETE'] as const;

/** The part of the Graph API that lead forms need. Its node endpoint also answers for phone numbers. */
export function metaEndpoints(deps: MetaDeps): ProviderEndpoint[] {
  const common = { provider: 'meta', subject: 'node_id', accepts: isGraphVersion } as const;
  const get = (
    path: string,
    operation: Operation,
    handle: (call: ProviderCall, deps: MetaDeps) => ProviderReply,
  ): ProviderEndpoint => ({
    ...common,
    method: 'GET',
    path: `/:version${path}`,
    operation,
    handle: (call) => handle(call, deps),
  });
  return [
    {
      provider: 'meta',
      method: 'GET',
      path: '/:version/debug_token',
      operation: 'debug_token',
      accepts: isGraphVersion,
      handle: (call) => debugToken(call, deps),
    },
    get('/:node_id/leads', 'leads', getFormLeads),
    get('/:node_id/leadgen_forms', 'forms', getForms),
    ...METHODS.map((method): ProviderEndpoint => ({
      ...common,
      method,
      path: '/:version/:node_id/subscribed_apps',
      operation: 'subscribed_apps',
      handle: (call) => subscribedApps(method, call, deps),
    })),
    ...METHODS.map((method): ProviderEndpoint => ({
      ...common,
      method,
      path: '/:version/:node_id/subscriptions',
      operation: 'subscriptions',
      handle: (call) => appSubscriptions(method, call, deps),
    })),
    { ...get('/:node_id', 'lead', getNode), classify: (call) => classifyNode(call, deps) },
    ...METHODS.map((method): ProviderEndpoint => ({
      provider: 'meta',
      method,
      path: '/:version/*rest',
      operation: 'unknown',
      accepts: isGraphVersion,
      handle: unknownPath,
    })),
  ];
}

/** What Graph has and the sandbox lacks is told apart from a wrong address of the sandbox. */
function unknownPath(call: ProviderCall): ProviderReply {
  const message = `Unknown path components: /${call.params['rest'] ?? ''} (the sandbox does not serve it)`;
  return graphError({ status: 400, code: 2_500, message, bare: true });
}

/** GET /{page_id}/leadgen_forms */
function getForms(call: ProviderCall, deps: MetaDeps): ProviderReply {
  const scope = 'pages_manage_ads';
  const refusal = refuseToken(call, { ...deps, scope, requireProof: true });
  if (refusal) return refusal;
  const data = deps.leads.formsOf(nodeId(call)).map((id) => presentForm(id, deps));
  return { status: 200, body: { data } };
}

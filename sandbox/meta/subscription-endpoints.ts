import type { ProviderCall } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import type { MetaDeps } from './deps.ts';
import { graphError } from './graph-errors.ts';
import { verifyCallback } from './handshake.ts';
import { nodeId } from './node.ts';
import { graphParameters, listParameter } from './parameters.ts';
import { refuseToken } from './tokens.ts';

const SUCCESS: ProviderReply = { status: 200, body: { success: true } };
export const APP_ID = '1000000000000001';

/** GET, POST and DELETE /{page_id}/subscribed_apps */
export function subscribedApps(
  method: 'GET' | 'POST' | 'DELETE',
  call: ProviderCall,
  deps: MetaDeps,
): ProviderReply {
  const scope = method === 'GET' ? undefined : 'pages_manage_metadata';
  const refusal = refuseToken(call, { ...deps, scope, requireProof: true });
  if (refusal) return refusal;
  const pageId = nodeId(call);
  if (method === 'GET') {
    const fields = deps.subscriptions.pageFields(pageId);
    const app = { id: APP_ID, name: 'leadctl sandbox', category: 'Business' };
    const data = fields === undefined ? [] : [{ ...app, subscribed_fields: fields }];
    return { status: 200, body: { data } };
  }
  if (method === 'DELETE') {
    deps.subscriptions.unsubscribePage(pageId);
    return SUCCESS;
  }
  const fields = listParameter(graphParameters(call).get('subscribed_fields'));
  if (fields.length === 0) {
    return graphError({
      status: 400,
      code: 100,
      message: 'The parameter subscribed_fields is required.',
    });
  }
  deps.subscriptions.subscribePage(pageId, fields);
  return SUCCESS;
}

/** GET, POST and DELETE /{app_id}/subscriptions; a new callback has to pass the handshake first. */
export async function appSubscriptions(
  method: 'GET' | 'POST' | 'DELETE',
  call: ProviderCall,
  deps: MetaDeps,
): Promise<ProviderReply> {
  const refusal = refuseToken(call, { ...deps, scope: undefined, requireProof: false });
  if (refusal) return refusal;
  const appId = nodeId(call);
  const parameters = graphParameters(call);
  if (method === 'DELETE') {
    deps.subscriptions.unsubscribeApp(appId, parameters.get('object'));
    return SUCCESS;
  }
  if (method === 'POST') return subscribeApp(appId, parameters, deps);
  const data = deps.subscriptions.ofApp(appId).map(({ fields, ...subscription }) => ({
    ...subscription,
    fields: fields.map((name) => ({ name, version: call.params['version'] })),
  }));
  return { status: 200, body: { data } };
}

async function subscribeApp(
  appId: string,
  parameters: URLSearchParams,
  deps: MetaDeps,
): Promise<ProviderReply> {
  const object = parameters.get('object');
  const callbackUrl = parameters.get('callback_url');
  const fields = listParameter(parameters.get('fields'));
  if (object === null || callbackUrl === null) {
    const name = object === null ? 'object' : 'callback_url';
    return graphError({ status: 400, code: 100, message: `The parameter ${name} is required.` });
  }
  const failure = await verifyCallback(callbackUrl, parameters.get('verify_token') ?? '');
  if (failure !== undefined) {
    return graphError({
      status: 400,
      code: 2200,
      message: `Callback verification failed with the following errors: ${failure}`,
    });
  }
  const subscription = { object, callback_url: callbackUrl, active: true, fields };
  deps.subscriptions.subscribeApp(appId, subscription);
  return SUCCESS;
}

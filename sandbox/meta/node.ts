import type { Classified, ProviderCall } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import { getPhoneNumber } from '../whatsapp/endpoints.ts';
import type { MetaDeps } from './deps.ts';
import { graphError } from './graph-errors.ts';
import { fieldNames } from './parameters.ts';
import { presentLead } from './present-lead.ts';
import { refuseToken } from './tokens.ts';

type Kind = 'lead' | 'phone_number' | 'form' | 'page';

const TELLING_FIELDS: readonly (readonly [Kind, readonly string[]])[] = [
  ['lead', ['field_data']],
  [
    'phone_number',
    ['display_phone_number', 'verified_name', 'quality_rating', 'whatsapp_business_account'],
  ],
  ['form', ['leads_count', 'questions', 'status', 'page_id', 'page', 'locale']],
  ['page', ['access_token', 'category', 'tasks', 'name']],
];

/** What `GET /{id}` is about: what is known of the id, else what its fields give away, else a lead. */
function kindOf(call: ProviderCall, deps: MetaDeps): Kind {
  const id = nodeId(call);
  if (deps.leads.find(id)) return 'lead';
  if (deps.whatsapp.phoneNumbers.find(id)) return 'phone_number';
  if (deps.leads.pageOf(id) !== undefined) return 'form';
  if (deps.leads.formsOf(id).length > 0) return 'page';
  const asked = fieldNames(call);
  const told = TELLING_FIELDS.find(([, fields]) => fields.some((field) => asked.includes(field)));
  return told?.[0] ?? 'lead';
}

export function classifyNode(call: ProviderCall, deps: MetaDeps): Classified {
  const kind = kindOf(call, deps);
  return kind === 'phone_number'
    ? { operation: kind, provider: 'whatsapp' }
    : { operation: kind, provider: 'meta' };
}

/** GET /{id} of a lead, a form, a page or a phone number */
export function getNode(call: ProviderCall, deps: MetaDeps): ProviderReply {
  const kind = kindOf(call, deps);
  if (kind === 'phone_number') return getPhoneNumber(call, deps.whatsapp);
  const scope = kind === 'lead' ? 'leads_retrieval' : undefined;
  const refusal = refuseToken(call, { ...deps, scope, requireProof: true });
  if (refusal) return refusal;
  const id = nodeId(call);
  switch (kind) {
    case 'lead':
      return getLead(call, deps);
    case 'form':
      return { status: 200, body: presentForm(id, deps) };
    case 'page':
      return { status: 200, body: { id, name: `Page ${id}` } };
  }
}

function getLead(call: ProviderCall, deps: MetaDeps): ProviderReply {
  const lead = deps.leads.find(nodeId(call));
  if (lead === undefined) return missingObject(nodeId(call));
  return { status: 200, body: presentLead(lead, fieldNames(call)) };
}

export function presentForm(id: string, deps: MetaDeps): object {
  const pageId = deps.leads.pageOf(id);
  return {
    id,
    name: `Form ${id}`,
    status: 'ACTIVE',
    locale: 'en_US',
    leads_count: deps.leads.ofForm(id).length,
    ...(pageId === undefined ? {} : { page_id: pageId, page: { id: pageId } }),
  };
}

export function nodeId(call: ProviderCall): string {
  return call.params['node_id'] ?? '';
}

function missingObject(id: string): ProviderReply {
  return graphError({
    status: 400,
    code: 100,
    subcode: 33,
    type: 'GraphMethodException',
    message: `Unsupported get request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api`,
    bare: true,
  });
}

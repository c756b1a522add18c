import { Document, isCollection, isMap, isNode, isSeq, type Node } from 'yaml';
import type { Composed } from './compose.ts';

const FLOW_LISTS = ['members', 'products', 'api_keys', 'meta_sources'];

/** The manifest as a person would write it, with a line on every secret that it leaves out. */
export function manifestYaml({ manifest, secrets }: Composed): string {
  const document = new Document(manifest, { aliasDuplicateObjects: false });
  document.commentBefore =
    ' As it was found; applying it changes nothing. Secrets are never read back.';
  const clients = document.get('clients');
  if (isSeq(clients)) {
    for (const client of clients.items) {
      if (!isMap(client)) continue;
      for (const name of FLOW_LISTS) flowItems(client.get(name));
      const id = String(client.get('client_id'));
      for (const path of secrets.get(id) ?? []) remark(client.getIn(['integrations']), id, path);
    }
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** `- { email: …, role: … }`, one to a line. */
function flowItems(list: unknown): void {
  if (!isSeq(list)) return;
  for (const item of list.items) if (isCollection(item)) item.flow = true;
}

function remark(integrations: unknown, clientId: string, path: string): void {
  if (!isMap(integrations)) return;
  const [group = '', field = ''] = path.split('.');
  const node: unknown = integrations.get(group);
  const variable = `${clientId}_${group}_${field}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
  const text = ` ${field} is set and left as it is; to set it from here: ${field}: { fromEnv: ${variable} }`;
  const target: Node | undefined = isNode(node) ? node : undefined;
  if (isMap(target) && target.items.length === 0) {
    // An empty map is written as {}, behind which a comment would not be seen.
    const pair = integrations.items.find(({ key }) => String(key) === group);
    if (isNode(pair?.key)) pair.key.commentBefore = ` ${group}:${text}`;
  } else if (target) {
    target.comment = target.comment ? `${target.comment}\n${text}` : text;
  }
}

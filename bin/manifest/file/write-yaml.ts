import { Document, isCollection, isMap, isNode, isSeq } from 'yaml';
import type { Path } from './document.ts';
import type { Exported } from './export.ts';

/** The manifest as a person would write it, with a line on every secret that it leaves out. */
export function manifestYaml({ manifest, secrets }: Exported): string {
  const document = new Document(manifest, { aliasDuplicateObjects: false });
  document.commentBefore =
    ' As it was found; applying it changes nothing. Secrets are never read back.';
  const clients = document.get('clients');
  if (isSeq(clients)) for (const client of clients.items) flowSmallItems(client);
  for (const path of secrets) remark(document, path);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** `- { email: …, role: … }`, one to a line. */
function flowSmallItems(client: unknown): void {
  if (!isMap(client)) return;
  for (const { value: list } of client.items) {
    if (!isSeq(list)) continue;
    for (const item of list.items) if (isCollection(item) && !hasGroups(item)) item.flow = true;
  }
}

function hasGroups(item: unknown): boolean {
  return isMap(item) && item.items.some(({ value }) => isMap(value));
}

/** At the group that the secret is in. */
function remark(document: Document, path: Path): void {
  const around = path.slice(0, -1);
  const field = String(path.at(-1));
  const clientId = String(document.getIn([...path.slice(0, 2), 'client_id']));
  const parts = path
    .slice(3)
    .map((part, at) =>
      typeof part === 'number' ? document.getIn([...path.slice(0, at + 4), 'name']) : part,
    );
  const variable = [clientId, ...parts.filter((part) => part !== 'secrets')]
    .join('_')
    .toUpperCase();
  const from = variable.replaceAll(/[^A-Z0-9]/g, '_');
  const text = ` ${field} is set and left as it is; to set it from here: ${field}: { fromEnv: ${from} }`;
  const group: unknown = document.getIn(around, true);
  if (isMap(group) && group.items.length > 0) {
    group.comment = group.comment ? `${group.comment}\n${text}` : text;
    return;
  }
  // An empty map is written as {}, behind which a comment would not be seen.
  const outer: unknown = document.getIn(around.slice(0, -1), true);
  const name = String(around.at(-1));
  const pair = isMap(outer) ? outer.items.find(({ key }) => String(key) === name) : undefined;
  if (isNode(pair?.key)) pair.key.commentBefore = ` ${name}:${text}`;
}

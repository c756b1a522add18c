import type { Path, Place, Problem } from './document.ts';
import type { ManifestDocument } from './parse.ts';
import type { ClientSpec } from './schema.ts';
import { didYouMean } from './suggest.ts';

/** What the schema cannot see: things named twice, loops, managers that are their own. */
export function checkManifests(documents: readonly ManifestDocument[]): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, Place>();
  const once = (key: readonly string[], what: string, place: Place): void => {
    const text = JSON.stringify(key);
    const first = seen.get(text);
    if (first === undefined) seen.set(text, place);
    else problems.push({ ...place, message: `${what} stands at ${spot(first)} already` });
  };
  const sets = new Map<string, Place>();
  for (const { manifest, source } of documents) {
    if (manifest.set !== undefined) sets.set(manifest.set, source.placeOf(['set']));
    for (const [at, role] of manifest.roles.entries()) {
      once(['role', role.name], `role "${role.name}"`, source.placeOf(['roles', at]));
    }
    for (const [at, client] of manifest.clients.entries()) {
      const path = ['clients', at];
      const { client_id: id } = client;
      once(['client', id], `client "${id}"`, source.placeOf(path));
      const placeOf = (rest: Path): Place => source.placeOf([...path, ...rest]);
      checkNames(client, once, placeOf);
      problems.push(...checkTree(client, placeOf));
    }
  }
  const [, second] = [...sets.values()];
  if (second) problems.push({ ...second, message: 'all manifests applied together are one set' });
  return problems;
}

function checkNames(
  client: ClientSpec,
  once: (key: readonly string[], what: string, place: Place) => void,
  placeOf: (path: Path) => Place,
): void {
  const { client_id: id } = client;
  for (const [at, { email }] of client.members.entries()) {
    once(['member', id, email], `member ${email}`, placeOf(['members', at]));
  }
  for (const [at, { name }] of client.api_keys.entries()) {
    once(['api_key', id, name], `API key "${name}"`, placeOf(['api_keys', at]));
  }
  for (const [at, { industry, category, product }] of client.products.entries()) {
    const what = `product ${industry} / ${category} / ${product}`;
    once(['client_product', id, industry, category, product], what, placeOf(['products', at]));
  }
  for (const [at, { page_id: page, form_id: form }] of client.meta_sources.entries()) {
    const what = form == null ? `page ${page}` : `form ${form} of page ${page}`;
    once(['meta_source', page, form ?? ''], what, placeOf(['meta_sources', at]));
  }
}

/** Managers who are members already need not stand in the manifest, so an unknown one is no problem yet. */
function checkTree(client: ClientSpec, placeOf: (path: Path) => Place): Problem[] {
  const managers = new Map(client.members.map(({ email, reports_to: to }) => [email, to]));
  return client.members.flatMap(({ email }, at) => {
    const path = [email];
    for (let next = managers.get(email); next != null; next = managers.get(next)) {
      if (next === email) {
        const loop = [...path, email].join(' → ');
        return [
          { ...placeOf(['members', at, 'reports_to']), message: `reports in a loop: ${loop}` },
        ];
      }
      if (path.includes(next)) break;
      path.push(next);
    }
    return [];
  });
}

/** `is no member of acme; did you mean "boss@acme.example"?` */
export function unknownMember(client: string, email: string, known: Iterable<string>): string {
  return `${email} is no member of ${client}${didYouMean(email, known)}`;
}

function spot({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

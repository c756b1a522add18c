/** The page behind `/docs`; one string, so that it is there wherever the code is. */
export const DOCS_HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>leadctl API</title>
<style>
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1.5rem; }
  input, textarea, button { font: inherit; padding: .35rem .5rem; border: 1px solid var(--line); border-radius: .3rem; }
  header { display: flex; gap: .75rem; align-items: center; flex-wrap: wrap; }
  header input { flex: 1; min-width: 16rem; }
  details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; padding: .4rem .7rem; }
  summary { cursor: pointer; display: flex; gap: .6rem; align-items: baseline; }
  summary b { min-width: 4.2rem; font: 600 13px ui-monospace, monospace; }
  summary code { overflow-wrap: anywhere; } summary small { margin-left: auto; opacity: .7; }
  textarea { width: 100%; min-height: 6rem; font-family: ui-monospace, monospace; box-sizing: border-box; }
  pre { overflow: auto; background: color-mix(in srgb, currentColor 6%, transparent); padding: .6rem; border-radius: .3rem; }
  label { display: grid; grid-template-columns: 14rem 1fr; gap: .5rem; margin: .25rem 0; }
</style>
<header><h1>leadctl API</h1>
  <input id="token" type="password" placeholder="access token (from leadctl login or POST /api/auth/login)">
  <input id="key" type="password" placeholder="API key"></header>
<main id="main">Loading…</main>
<script>
const el = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
load();
async function load() {
  const spec = await (await fetch('/openapi.json')).json();
  const groups = new Map();
  for (const [path, methods] of Object.entries(spec.paths))
    for (const [method, op] of Object.entries(methods)) {
      const tag = op.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(path, method.toUpperCase(), op));
    }
  const main = document.getElementById('main');
  main.replaceChildren();
  for (const [tag, nodes] of groups) main.append(el('h2', { textContent: tag }), ...nodes);
}
function operation(path, method, op) {
  const fields = (op.parameters ?? []).map((p) => {
    const input = el('input', { placeholder: p.schema?.type ?? '', required: p.required });
    return { p, input, row: el('label', {}, p.name + (p.required ? ' *' : ''), input) };
  });
  const schema = op.requestBody?.content?.['application/json']?.schema;
  const body = op.requestBody ? el('textarea', { value: JSON.stringify(example(schema), null, 2) }) : null;
  const out = el('pre', { hidden: true });
  const send = el('button', { textContent: 'Send', onclick: () => run(path, method, fields, body, out) });
  return el('details', {},
    el('summary', {}, el('b', { textContent: method }), el('code', { textContent: path }),
      el('small', { textContent: op['x-access'] })),
    el('p', { textContent: op.summary }), ...fields.map((f) => f.row), ...(body ? [body] : []),
    el('p', {}, send), out,
    el('p', { textContent: 'Answers: ' + Object.keys(op.responses).join(', ') }));
}
function example(schema) {
  if (!schema || schema.type !== 'object') return {};
  return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, s]) =>
    [name, s.default ?? s.enum?.[0] ?? (s.type === 'array' ? [] : s.type === 'object' ? {} : s.type === 'boolean' ? false : '')]));
}
async function run(path, method, fields, body, out) {
  const query = new URLSearchParams();
  const headers = {};
  let url = path;
  for (const { p, input } of fields) {
    if (input.value === '') continue;
    if (p.in === 'path') url = url.replace('{' + p.name + '}', encodeURIComponent(input.value));
    else if (p.in === 'query') query.set(p.name, input.value);
    else headers[p.name] = input.value;
  }
  const token = document.getElementById('token').value, key = document.getElementById('key').value;
  if (token) headers.authorization = 'Bearer ' + token;
  if (key) headers['x-api-key'] = key;
  if (body) headers['content-type'] = 'application/json';
  out.hidden = false;
  try {
    const answer = await fetch(url + (query.size ? '?' + query : ''), { method, headers, body: body?.value });
    const text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch {}
    out.textContent = answer.status + ' ' + (answer.headers.get('x-request-id') ?? '') + '\\n' + shown;
  } catch (error) { out.textContent = String(error); }
}
</script>
</html>`;

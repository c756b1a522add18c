/** Starts the viewer in the browser; its search looks into paths and summaries, not into groups alone. */
export const START_JS = `'use strict';
const words = (phrase) => phrase.toLowerCase().split(/\\s+/).filter(Boolean);
const matches = (tag, entry, phrase) => {
  const operation = entry.get('operation');
  const text = [tag, entry.get('method'), entry.get('path'), operation && operation.get('summary')]
    .join(' ')
    .toLowerCase();
  return words(phrase).every((word) => text.includes(word));
};
const search = () => ({
  fn: {
    opsFilter: (taggedOps, phrase) =>
      taggedOps
        .map((group, tag) =>
          group.set('operations', group.get('operations').filter((one) => matches(tag, one, phrase))))
        .filter((group) => group.get('operations').size > 0),
  },
});
window.addEventListener('load', () => {
  window.SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#docs',
    deepLinking: true,
    filter: true,
    docExpansion: 'list',
    displayRequestDuration: true,
    requestSnippetsEnabled: true,
    defaultModelsExpandDepth: 0,
    // Nothing is asked of anybody else.
    validatorUrl: null,
    persistAuthorization: false,
    plugins: [search],
  });
});
`;

export const PAGE_CSS = `body { margin: 0; }
.swagger-ui { overflow-wrap: anywhere; }
.swagger-ui .wrapper { padding: 0 12px; }
nav { font: 15px/1.5 system-ui, sans-serif; padding: .6rem 12px; display: flex; gap: 1rem; flex-wrap: wrap; }
@media (prefers-color-scheme: dark) {
  html { background: #fff; color-scheme: light; }
}
`;

export const PAGE_HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>leadctl API</title>
<link rel="stylesheet" href="/docs/viewer.css">
<link rel="stylesheet" href="/docs/page.css">
<nav><b>leadctl API</b> <a href="/openapi.json">openapi.json</a>
<span>A token for “Authorize”: <code>leadctl token print</code></span></nav>
<div id="docs">Loading…</div>
<script src="/docs/viewer.js"></script>
<script src="/docs/start.js"></script>
`;

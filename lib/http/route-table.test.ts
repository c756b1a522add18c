import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { asListener, createKoa } from './app.ts';
import { routeTable, type TableRoute } from './route-table.ts';
import { listen } from './server.ts';

const route = (path: string, ...methods: string[]): TableRoute => ({
  path,
  methods,
  async handle(ctx, params) {
    ctx.body = `${path} ${JSON.stringify(params)}`;
  },
});

const ROUTES = [
  route('/things', 'GET', 'POST'),
  route('/things/{id}', 'GET'),
  route('/things/summary', 'GET'),
  route('/clients/{client_id}/things/summary', 'GET'),
  route('/clients/{client_id}/things/{id}', 'GET'),
];

/** As a socket sends it: `fetch` would tidy the path up. */
async function answerTo(method: string, path: string, sensitive = false): Promise<string> {
  const app = createKoa();
  app.use(routeTable(ROUTES, { sensitive }));
  app.use((ctx) => {
    ctx.body = 'nothing';
  });
  const server = await listen(asListener(app), { port: 0, host: '127.0.0.1' });
  const sent = request({ host: '127.0.0.1', port: server.port, method, path, agent: false });
  sent.end();
  const [answer] = await once(sent, 'response');
  const body = await text(answer);
  await server.stop();
  return body;
}

test.each([
  ['GET', '/things', '/things {}'],
  ['POST', '/things?x=1', '/things {}'],
  ['GET', '/things/', '/things {}'],
  ['DELETE', '/things', 'nothing'],
  ['GET', '//things', 'nothing'],
  ['GET', '/', 'nothing'],
  // The literal one wins, in whichever order they are declared.
  ['GET', '/things/summary', '/things/summary {}'],
  ['GET', '/things/a%2Fb', '/things/{id} {"id":"a/b"}'],
  ['GET', '/things/a/b', 'nothing'],
  [
    'GET',
    '/clients/acme/things/summary',
    '/clients/{client_id}/things/summary {"client_id":"acme"}',
  ],
  [
    'GET',
    '/clients/acme/things/7/',
    '/clients/{client_id}/things/{id} {"client_id":"acme","id":"7"}',
  ],
])('%s %s reaches %s', async (method, path, reached) => {
  expect(await answerTo(method, path)).toBe(reached);
});

test('HEAD is answered where GET is, and case counts where it is to count', async () => {
  expect(await answerTo('HEAD', '/things')).toBe('');
  expect(await answerTo('GET', '/Things')).toBe('/things {}');
  expect(await answerTo('GET', '/Things', true)).toBe('nothing');
});

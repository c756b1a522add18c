import { createServer } from 'node:http';
import { once } from 'node:events';
import type { Stoppable } from '../lib/core/lifecycle.ts';

export interface Website extends Stoppable {
  readonly origin: string;
  /** What its page is from now on. */
  show(html: string, headers?: Readonly<Record<string, string>>): void;
}

/** A website of another origin than the gateway's, with one page under every path. */
export async function startWebsite(): Promise<Website> {
  let page: { html: string; headers: Readonly<Record<string, string>> } = { html: '', headers: {} };
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...page.headers });
    response.end(page.html);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    origin: `http://localhost:${address.port}`,
    show(html, headers = {}) {
      page = { html, headers };
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Stoppable } from '../core/lifecycle.ts';
import type { RequestListener } from './app.ts';

export interface ListeningServer extends Stoppable {
  readonly port: number;
}

const GRACE_MS = 5_000;

/**
 * Serves `listener` until stopped. Stopping takes no new connection, lets what was accepted finish
 * (at most 5 s), and closes each connection with its last answer. Live streams have no end to wait
 * for: they are broken off, and their readers resume elsewhere.
 */
export async function listen(
  listener: RequestListener,
  options: { port: number; host: string },
): Promise<ListeningServer> {
  let isDraining = false;
  const answering = new Set<ServerResponse>();
  // `close` leaves out connections on which nothing was asked yet, such as a browser opens in advance.
  const unused = new Set<Socket>();
  const server = createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 10_000, requestTimeout: 30_000 },
    (request, response) => {
      unused.delete(request.socket);
      if (isDraining) response.setHeader('Connection', 'close');
      answering.add(response);
      response.once('close', () => answering.delete(response));
      listener(request, response);
    },
  );
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  const port = await bindPort(server, options);
  return {
    port,
    async stop() {
      isDraining = true;
      for (const response of answering) if (isLiveStream(response)) response.destroy();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of unused) socket.destroy();
      const lastResort = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await closed;
      clearTimeout(lastResort);
    },
  };
}

function isLiveStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type')).startsWith('text/event-stream');
}

async function bindPort(server: Server, options: { port: number; host: string }): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

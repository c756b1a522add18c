import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listen } from './server.ts';

describe('listen', () => {
  it('stops at once although a connection stands on which nothing was asked', async () => {
    const server = await listen((_request, response) => response.end('ok'), {
      port: 0,
      host: '127.0.0.1',
    });
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    await fetch(`http://127.0.0.1:${server.port}/`);
    const startedMs = performance.now();
    await server.stop();
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    socket.destroy();
  });
});

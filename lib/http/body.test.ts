import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isFailure } from '../core/errors.ts';
import { readBytes } from './body.ts';

const MOST = 10;

const server = createServer((request, response) => {
  void (async () => {
    // As behind a gateway: by the time that the body is read, it may have arrived whole.
    await Promise.resolve();
    const bytes = await readBytes(request, MOST);
    response.end(isFailure(bytes) ? bytes.code : `read ${bytes.toString()}`);
  })();
});
let port = 0;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const head = (length: number) => `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`;

/** What is answered next on the connection. */
async function answer(socket: Socket): Promise<string> {
  const [received]: Buffer[] = await once(socket, 'data');
  return received?.toString().split('\r\n\r\n')[1] ?? '';
}

test('bodies that came with their heads, later, in parts, empty or too large: one connection takes all', async () => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.write(`${head(5)}whole`);
  expect(await answer(socket)).toBe('read whole');
  socket.write(head(5));
  await new Promise(setImmediate);
  socket.write('later');
  expect(await answer(socket)).toBe('read later');
  socket.write(`${head(8)}in p`);
  await new Promise(setImmediate);
  socket.write('arts');
  expect(await answer(socket)).toBe('read in parts');
  socket.write(
    'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nchu\r\n2\r\nnk\r\n0\r\n\r\n',
  );
  expect(await answer(socket)).toBe('read chunk');
  socket.write(head(0));
  expect(await answer(socket)).toBe('read ');
  socket.write(`${head(11)}11 is a lot`);
  expect(await answer(socket)).toBe('body_too_large');
  socket.write(`${head(10)}at the end`);
  expect(await answer(socket)).toBe('read at the end');
  socket.destroy();
});

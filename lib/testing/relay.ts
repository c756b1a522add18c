import { connect, createServer, type Socket } from 'node:net';

export interface Relay {
  readonly port: number;
  /** Breaks every connection off and takes no more, as a server that died. */
  cut(): void;
  /** Takes connections and hands nothing on, as a machine that lost its power: no word, no end. */
  silence(): void;
  /** Takes connections again. */
  mend(): void;
  stop(): Promise<void>;
}

/** Stands before a server of any protocol, so that a test can let it die without harm to others. */
export async function startRelay(target: { host: string; port: number }): Promise<Relay> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let isSilent = false;
  const server = createServer((incoming) => {
    if (isCut) {
      incoming.destroy();
      return;
    }
    if (isSilent) {
      sockets.add(incoming.on('error', () => undefined));
      return;
    }
    const outgoing = connect(target.port, target.host);
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  const breakOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    cut() {
      isCut = true;
      breakOff();
    },
    silence() {
      isSilent = true;
      for (const socket of sockets) socket.unpipe().removeAllListeners('close').pause();
    },
    mend() {
      isCut = false;
      if (!isSilent) return;
      isSilent = false;
      breakOff();
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      breakOff();
      await closed;
    },
  };
}

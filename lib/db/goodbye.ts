import { Socket } from 'node:net';

/** How long goodbyes and statements under way may take; a server that vanished answers neither. */
const GOODBYE_MS = 2_000;

/** Connections to PostgreSQL that end soon when asked to, whatever became of the server. */
export interface Connections {
  /** For the options of node-postgres. */
  readonly stream: () => Socket;
  /** Waits for `closing`; after two seconds what is still open is cut, which settles it. */
  end(closing: Promise<unknown>): Promise<void>;
}

export function createConnections(): Connections {
  const open = new Set<Socket>();
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    stream() {
      const socket = new Socket();
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    async end(closing) {
      const timer = setTimeout(cut, GOODBYE_MS);
      try {
        await closing;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

const FOLDER = join(import.meta.dirname, '../../.cache/mongo-server');
const START_TIMEOUT_MS = 30_000;

/** Whether `tools/mongo-server.sh` has made the server ready; without it the tests of MongoDB are left out. */
export function hasMongoServer(): boolean {
  const isReady = existsSync(join(FOLDER, 'Main.class'));
  if (!isReady) {
    process.stderr.write(
      'LEFT OUT: the tests of MongoDB. They need Java and Maven, and bash tools/mongo-server.sh.\n',
    );
  }
  return isReady;
}

export interface MongoServer {
  /** Of a database of the caller's choice. */
  url(database: string): string;
  /** Ends it at once, as a power cut would; what it held is lost. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  /** It keeps its connections and answers nothing. */
  suspend(): void;
  resume(): void;
}

/** A MongoDB-wire server of the caller's own, in memory. Kill it in `afterAll`. */
export async function startMongoServer(): Promise<MongoServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const server: MongoServer = {
    url: (database) => `mongodb://127.0.0.1:${port}/${database}`,
    async kill() {
      if (child === undefined) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      child = undefined;
    },
    async start() {
      const classPath = `${FOLDER}:${join(FOLDER, 'lib', '*')}`;
      child = spawn('java', ['-Xmx256m', '-cp', classPath, 'Main', String(port)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (child.stdout === null) throw new Error('the server has no output to wait for');
      await once(child.stdout, 'data', { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
    },
    suspend: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
  await server.start();
  return server;
}

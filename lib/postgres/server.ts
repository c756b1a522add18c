import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ClusterPlace } from './cluster.ts';
import { credentials, SERVER_ENVIRONMENT } from './run-as.ts';
import { serverSettings } from './settings.ts';
import { shutDown } from './shut-down.ts';

const READY_TIMEOUT_MS = 30_000;
const ATTEMPTS = 5;
const RETRY_DELAY_MS = 200;
const KEPT_LOG_LINES = 20;

export type ServerExit = { code: number | null; signal: NodeJS.Signals | null };
export type RunningServer = {
  port: number;
  pid: number;
  exited: Promise<ServerExit>;
  stop(): Promise<void>;
};
export type ServerOptions = {
  place: ClusterPlace;
  postgres: string;
  port: number;
  maxConnections: number;
  durable: boolean;
  onLog: (line: string) => void;
};

/** Starts the server and waits until it accepts connections. Throws with its last log lines. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port === 0 ? await findFreePort() : options.port;
    const started = await attemptStart({ ...options, port });
    if (started.ok) return started.server;
    const portTaken = /could not bind|Address already in use/.test(started.log);
    // After a postmaster was killed its last backends need a moment to notice.
    const passing = /pre-existing shared memory block/.test(started.log);
    if (attempt >= ATTEMPTS || !(passing || (portTaken && options.port === 0))) {
      const advice = portTaken ? ` Port ${port} is taken: free it or choose another.` : '';
      throw new Error(`PostgreSQL did not start (${started.reason}).${advice}\n${started.log}`);
    }
    await sleep(RETRY_DELAY_MS);
  }
}

type Attempt = { ok: true; server: RunningServer } | { ok: false; reason: string; log: string };

async function attemptStart(options: ServerOptions): Promise<Attempt> {
  const child = spawnServer(options);
  const lastLines: string[] = [];
  const exited = new Promise<ServerExit>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
  });
  const outcome = await new Promise<string | null>((done) => {
    const timer = setTimeout(
      () => done(`not ready after ${READY_TIMEOUT_MS} ms`),
      READY_TIMEOUT_MS,
    );
    const settle = (reason: string | null) => {
      clearTimeout(timer);
      done(reason);
    };
    child.once('error', (error) => settle(error.message));
    child.once('close', (code, signal) => settle(`ended with ${signal ?? `code ${code}`}`));
    onLines(child, (line) => {
      lastLines.push(line);
      if (lastLines.length > KEPT_LOG_LINES) lastLines.shift();
      options.onLog(line);
      if (line.includes('database system is ready to accept connections')) settle(null);
    });
  });
  const { pid } = child;
  if (outcome !== null || pid === undefined) {
    if (pid !== undefined) await shutDown({ pid, exited });
    return { ok: false, reason: outcome ?? 'no process', log: lastLines.join('\n') };
  }
  return {
    ok: true,
    server: { pid, port: options.port, exited, stop: () => shutDown({ pid, exited }) },
  };
}

/** In a session of its own: Ctrl-C at the terminal must reach us alone, so that we can drain first. */
function spawnServer(options: ServerOptions): ChildProcess {
  const args = ['-D', options.place.pgdataDir];
  for (const [name, value] of Object.entries(serverSettings(options))) {
    args.push('-c', `${name}=${value}`);
  }
  return spawn(options.postgres, args, {
    cwd: '/',
    env: SERVER_ENVIRONMENT,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...credentials(options.place.user),
  });
}

function onLines(child: ChildProcess, onLine: (line: string) => void): void {
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', onLine);
}

/** A port that was free a moment ago. Should another program take it first, the start is retried. */
async function findFreePort(): Promise<number> {
  const probe = createServer();
  return new Promise((done, fail) => {
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') done(address.port);
        else fail(new Error('The system gave no free port.'));
      });
    });
  });
}

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';

export interface BenchWorker {
  readonly pid: number;
  stop(): Promise<void>;
}

/** A worker daemon of the built checkout `root`, alone in its process, whose providers are all at `provider`. */
export async function startWorker(options: {
  readonly root: string;
  readonly databaseUrl: string;
  readonly portBase: number;
  readonly fernetKey: string;
  readonly provider: string;
}): Promise<BenchWorker> {
  const { root, provider } = options;
  const args = [join(root, 'bin/leadd'), 'worker', '--port-base', String(options.portBase)];
  const child = spawn(process.execPath, args, {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      DATABASE_URL: options.databaseUrl,
      INTERNAL_SECRET: randomBytes(32).toString('hex'),
      FERNET_KEYS: options.fernetKey,
      META_APP_SECRET: randomBytes(16).toString('hex'),
      WHATSAPP_BASE_URL: provider,
      GRAPH_BASE_URL: provider,
      GOOGLE_SHEETS_BASE_URL: provider,
      GOOGLE_TOKEN_URL: `${provider}/token`,
      DESTINATION_ALLOW: '127.0.0.0/8',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message', { signal: AbortSignal.timeout(60_000) });
  return { pid: child.pid ?? 0, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

import { spawn } from 'node:child_process';

const SERVER_USER = 'postgres';
const OUTPUT_LIMIT = 16_384;

/** The ordinary user that PostgreSQL runs as when we are root. */
export type ServerUser = { name: string; uid: number; gid: number };
export type CommandResult = { ok: boolean; output: string };

/** The environment of every PostgreSQL program: nothing inherited, so no PG* variable leaks in. */
export const SERVER_ENVIRONMENT = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The user `postgres`, made when there is none. PostgreSQL refuses to run as root, whatever its
 * options. Throws with what to do when no such user can be had.
 */
export async function findServerUser(): Promise<ServerUser> {
  const existing = await lookUp(SERVER_USER);
  if (existing !== null) return existing;
  const made = await runCommand(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', SERVER_USER],
    { timeoutMs: 10_000 },
  );
  const user = await lookUp(SERVER_USER);
  if (user !== null) return user;
  throw new Error(
    `PostgreSQL refuses to run as root, and a user "${SERVER_USER}" could not be made` +
      ` (useradd: ${made.output.trim() || 'failed'}). Make one (useradd --system ${SERVER_USER}),` +
      ' run leadctl as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
  );
}

/** Whether the user (null: we ourselves) passes a shell `test` expression on `path`, such as `-x`. */
export async function userCan(
  user: ServerUser | null,
  test: '-x' | '-r' | '-w',
  path: string,
): Promise<boolean> {
  const args = ['-c', 'test "$1" "$2"', 'sh', test, path];
  return (await runCommand('/bin/sh', args, { user, timeoutMs: 5_000 })).ok;
}

/** Runs a program to its end, as `user` when given; its failure is a value, its output bounded. */
export async function runCommand(
  file: string,
  args: string[],
  options: { user?: ServerUser | null; timeoutMs: number },
): Promise<CommandResult> {
  return new Promise((done) => {
    const child = spawn(file, args, {
      cwd: '/',
      env: SERVER_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      ...credentials(options.user ?? null),
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_LIMIT);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => done({ ok: false, output: error.message }));
    child.on('close', (code) => done({ ok: code === 0, output }));
  });
}

/** Spawn options that drop root for good: with them, libuv clears the supplementary groups too. */
export function credentials(user: ServerUser | null): { uid?: number; gid?: number } {
  return user === null ? {} : { uid: user.uid, gid: user.gid };
}

async function lookUp(name: string): Promise<ServerUser | null> {
  const [uid, gid] = await Promise.all([
    runCommand('id', ['-u', name], { timeoutMs: 5_000 }),
    runCommand('id', ['-g', name], { timeoutMs: 5_000 }),
  ]);
  if (!uid.ok || !gid.ok) return null;
  return { name, uid: Number(uid.output), gid: Number(gid.output) };
}

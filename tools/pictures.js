// Takes the README's pictures: what leadctl draws in a terminal (tmux), as SVG.
// With LEADCTL_URL, LEADCTL_TOKEN and LEADCTL_CLIENT set, of a platform that takes leads meanwhile:
// node tools/pictures.js [DIRECTORY]
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { svgOf } from './terminal-svg.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const COLUMNS = 100;
const ROWS = 26;
const WAIT_MS = 30_000;

/** What is run, what is typed, and what must stand there before the picture is taken. */
const PICTURES = [
  {
    name: 'console',
    args: ['ui'],
    keys: [':destinations\r'],
    shows: /Destinations \(\d+\)[^]*live/,
  },
  { name: 'tail', args: ['lead', 'tail'], keys: [], shows: /whatsapp +delivered/ },
  { name: 'dashboard', args: ['dashboard'], keys: [], shows: /whatsapp/ },
];

const out = path.resolve(process.argv[2] ?? path.join(root, 'docs/pictures'));
mkdirSync(out, { recursive: true });
for (const picture of PICTURES) {
  writeFileSync(path.join(out, `${picture.name}.svg`), await take(picture));
}

async function take({ name, args, keys, shows }) {
  const socket = `leadctl-pictures-${process.pid}`;
  const config = mkdtempSync(path.join(os.tmpdir(), 'leadctl-pictures-'));
  const tmux = (...words) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...words], { encoding: 'utf8' });
  const { LEADCTL_URL: url, LEADCTL_TOKEN: token, LEADCTL_CLIENT: client } = process.env;
  if (!url || !token || !client) throw new Error('LEADCTL_URL, LEADCTL_TOKEN, LEADCTL_CLIENT');
  const settings = Object.entries({
    LEADCTL_URL: url,
    LEADCTL_TOKEN: token,
    LEADCTL_CLIENT: client,
    XDG_CONFIG_HOME: config,
    TERM: 'xterm-256color',
    FORCE_COLOR: '1',
  }).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const command = [path.join(root, 'bin/leadctl'), ...args];
  try {
    tmux('new-session', '-d', '-x', String(COLUMNS), '-y', String(ROWS), ...settings, ...command);
    await until(() => tmux('capture-pane', '-p').trim() !== '');
    for (const text of keys) {
      await pause(1_000);
      tmux('send-keys', '-l', '--', text);
    }
    await until(() => shows.test(tmux('capture-pane', '-p')), name);
    await pause(1_500);
    return svgOf(tmux('capture-pane', '-p', '-e'), { columns: COLUMNS, rows: ROWS });
  } finally {
    try {
      tmux('kill-server');
    } catch {
      // It ended by itself.
    }
    rmSync(config, { recursive: true, force: true });
  }
}

async function until(isSo, name = 'the terminal') {
  for (const end = Date.now() + WAIT_MS; Date.now() < end;) {
    if (isSo()) return;
    await pause(100);
  }
  throw new Error(`${name} never showed what was waited for`);
}

function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

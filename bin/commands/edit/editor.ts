import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CliError, usageError } from '../../cli/failure.ts';
import type { Io } from '../../io.ts';

/** The command that edits: `VISUAL`, `EDITOR`, or vi at a terminal; it may have arguments of its own. */
export function editorOf(io: Io): string {
  const named = io.env['VISUAL'] || io.env['EDITOR'];
  if (named) return named;
  if (io.stdinIsTty && io.stdoutIsTty) return 'vi';
  throw usageError('There is no editor', 'set EDITOR, or change it with the noun’s own command');
}

/** The text as the editor left it. The file is the caller's alone and gone afterwards. */
export async function edited(editor: string, text: string): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'leadctl-edit-'));
  const file = path.join(dir, 'edit.yaml');
  try {
    await writeFile(file, text, { mode: 0o600 });
    // As git does: what EDITOR says is a command line, the file is one word more.
    const child = spawn('sh', ['-c', `${editor} "$1"`, editor, file], { stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new CliError(`${editor} ended with ${String(code)}; nothing was changed`);
    return await readFile(file, 'utf8');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

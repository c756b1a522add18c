import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `bin/leadctl`, whether this runs from sources or from `dist`. */
export function packageRoot(moduleUrl: string): string {
  let folder = dirname(fileURLToPath(moduleUrl));
  while (!existsSync(join(folder, 'bin', 'launch.js'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`${moduleUrl} is in no leadctl package`);
    folder = parent;
  }
  return folder;
}

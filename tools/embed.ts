// `node tools/embed.ts`: minifies daemons/gateway/embed/form.js into the version that is being made.
// A version that websites have the hash of is frozen: then VERSION goes up, and the old text stays.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { minifySync } from 'rolldown/utils';

const VERSION = 1;

const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), '../daemons/gateway/embed');

/** What the file of the current version must contain. */
export function minified(): string {
  const source = fs.readFileSync(path.join(FOLDER, 'form.js'), 'utf8');
  const { code, errors } = minifySync('form.js', source, { compress: true, mangle: true });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return code.trim();
}

function write(code: string): void {
  const text = `/** Made by \`node tools/embed.ts\` of form.js. */\nexport const V${VERSION} = ${JSON.stringify(code)};\n`;
  fs.writeFileSync(path.join(FOLDER, `v${VERSION}.ts`), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const code = minified();
  write(code);
  process.stdout.write(`${Buffer.byteLength(code)} bytes\n`);
}

import { mkdtempSync } from 'node:fs';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './platform.ts';

/** What makes Node write a CPU profile when it ends. */
export function profileOptions(isWanted: boolean): { directory: string; nodeOptions: string } {
  if (!isWanted) return { directory: '', nodeOptions: '' };
  const directory = mkdtempSync(join(tmpdir(), 'leadctl-bench-profile-'));
  return { directory, nodeOptions: `--cpu-prof --cpu-prof-dir=${directory}` };
}

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.int()).optional(),
    }),
  ),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});
type Profile = z.output<typeof profileSchema>;

/** Keeps the largest profile of the directory and says, as text, which layer took which share of it. */
export async function layersOf(directory: string): Promise<string> {
  const profiles = await Promise.all(
    (await readdir(directory)).map(async (name) => readFile(join(directory, name), 'utf8')),
  );
  const [text] = profiles.toSorted((a, b) => b.length - a.length);
  if (text === undefined) return 'no profile was written';
  const results = join(ROOT, 'bench/results');
  await mkdir(results, { recursive: true });
  await cp(directory, join(results, 'profile'), { recursive: true });
  return tableOf(profileSchema.parse(JSON.parse(text)));
}

/** Loading and compiling are over by then. */
const START_UP_US = 5_000_000;

function tableOf({ nodes, samples, timeDeltas }: Profile): string {
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const layerOf = (id: number | undefined): string => {
    const node = id === undefined ? undefined : byId.get(id);
    if (node === undefined) return '(other)';
    const { functionName, url } = node.callFrame;
    if (/^\((?:idle|program|garbage collector)\)$/.test(functionName)) return functionName;
    return ownerOf(url) ?? layerOf(parents.get(node.id));
  };
  const layers = new Map<string, number>();
  let atUs = 0;
  for (const [index, sample] of samples.entries()) {
    const us = timeDeltas[index] ?? 0;
    atUs += us;
    if (atUs < START_UP_US) continue;
    const layer = layerOf(sample);
    layers.set(layer, (layers.get(layer) ?? 0) + us);
  }
  layers.delete('(idle)');
  const total = [...layers.values()].reduce((sum, us) => sum + us, 0);
  return [...layers]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 40)
    .map(([layer, us]) => `${((us / total) * 100).toFixed(1).padStart(5)} %  ${layer}`)
    .join('\n');
}

/** A package, or a folder of ours; native code counts for whoever called it. */
function ownerOf(url: string): string | undefined {
  const packaged = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)?.[1];
  if (packaged !== undefined) return packaged;
  const [, ours] = /\/dist\/(.+)\.js$/.exec(url) ?? [];
  if (ours !== undefined) return ours;
  if (url.startsWith('node:_http') || url.startsWith('node:internal/http')) return 'node:http';
  return undefined;
}

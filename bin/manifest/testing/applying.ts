import type { PlatformApi } from '../engine/api.ts';
import { carryOut, makePlan } from '../engine/converge.ts';
import { interestInClients, readPlatform } from '../engine/read.ts';
import { exportManifest } from '../file/export.ts';
import { parseManifests } from '../file/parse.ts';

const nobody = () => undefined;

/** Manifests, as data, against a platform. */
export function applying(api: PlatformApi) {
  const { signal } = new AbortController();
  const workFor = (manifest: unknown) => {
    const file = { name: 'a.yaml', directory: '.', text: JSON.stringify(manifest) };
    const { manifest: parsed, problems } = parseManifests([file], {});
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    return { api, manifest: parsed, prune: false, acceptUnproven: false, signal, onRead: nobody };
  };
  return {
    /** What there is to do, and what cannot be done. */
    async plan(manifest: unknown) {
      const { plan, problems } = await makePlan(workFor(manifest));
      return { steps: plan.steps, problems: problems.map(({ message }) => message) };
    },
    /** What became of each step. */
    async apply(manifest: unknown) {
      const work = workFor(manifest);
      return [...(await carryOut(work, await makePlan(work), nobody)).values()];
    },
    async exportOf(clientId: string) {
      const clients = new Set([clientId]);
      const state = await readPlatform(api, interestInClients(clients), nobody);
      return exportManifest(state, { set: undefined, clients }).manifest;
    },
  };
}

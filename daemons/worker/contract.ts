import { defineContract } from '../../lib/contract/route.ts';

/** The worker serves nobody: only its health, readiness and metrics can be asked for. */
export const workerContract = defineContract('worker', {});
export type WorkerContract = typeof workerContract;

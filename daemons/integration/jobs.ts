/** What the worker runs for integrations. */
export { KINDS } from './kinds/index.ts';
export type { Kinds } from './kinds/kind.ts';
export {
  createDeliveryWorker,
  type DeliveryWorker,
  type DeliveryWorkerDeps,
} from './sending/worker.ts';
export { pruneRecipientMessages } from './sending/retention.ts';

/** What the worker runs for integrations. */
export {
  createDeliveryWorker,
  type DeliveryWorker,
  type DeliveryWorkerDeps,
} from './sending/worker.ts';
export { pruneRecipientMessages } from './sending/retention.ts';

/** What the worker runs for webhooks. */
export { createWebhookWorker, type WebhookWorker, type WebhookWorkerDeps } from './worker.ts';

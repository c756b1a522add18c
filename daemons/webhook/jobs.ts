export type {
  Alert,
  ApplyWhatsAppStatus,
  LeadStore,
  WebhookProcessorDeps,
  WhatsAppStatus,
} from './processing/deps.ts';
export {
  createWebhookProcessor,
  type SweepReport,
  type WebhookProcessor,
} from './processing/processor.ts';
export {
  createReconciler,
  type Reconciler,
  type ReconcileOptions,
  type ReconcilerDeps,
} from './reconcile/reconciler.ts';

/** What the worker runs for auth. */
export { prunePasswordLinks, pruneSessions } from './sessions/retention.ts';

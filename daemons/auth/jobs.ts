/** What the worker runs for auth. */
export { prunePasswordLinks, pruneRefreshTokens, pruneSessions } from './sessions/retention.ts';

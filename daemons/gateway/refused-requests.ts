import type { SecurityLog } from '../../lib/audit/security.ts';
import type { Route } from '../../lib/contract/route.ts';
import type { Failure } from '../../lib/core/errors.ts';
import type { Context } from '../../lib/http/request.ts';

export type OnRequestRefused = (refused: {
  readonly failure: Failure;
  readonly route: Route;
  readonly ip: string;
  readonly request: Pick<Context, 'state' | 'get'>;
}) => void;

/**
 * Writes down tokens that are none, and callers who were told to wait. A request without a token, or
 * with one that has expired, is everyday business.
 */
export function recordRefusedRequests(security: Pick<SecurityLog, 'record'>): OnRequestRefused {
  return ({ failure, route, ip, request }) => {
    const isToken = failure.code === 'unauthenticated' && request.get('authorization') !== '';
    if (!isToken && failure.code !== 'rate_limited') return;
    security.record({
      action: isToken ? 'token.rejected' : 'request.limited',
      clientId: null,
      targetKind: 'route',
      targetId: `${route.method} ${route.path}`,
      ip,
      requestId: request.state.requestId,
    });
  };
}

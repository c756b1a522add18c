/**
 * What to keep of a `paging.next`. That URL holds the token and names a host: only its query is
 * kept, and without the token, so that a cursor may be stored and leads nowhere else.
 */
export function cursorOf(next: string): string {
  const query = new URL(next).searchParams;
  query.delete('access_token');
  query.delete('appsecret_proof');
  return query.toString();
}

/** The query that continues at a cursor. */
export function queryAt(cursor: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(cursor));
}

/** Whether a path's `:version` is one of Graph's; `/v4/…` is Google's. */
export function isGraphVersion(params: Readonly<Record<string, string>>): boolean {
  return /^v\d+\.\d+$/.test(params['version'] ?? '');
}

/** One identity for a path of names that may hold any character. */
export function nameKey(path: readonly string[]): string {
  return JSON.stringify(path);
}

export function namesOf(key: string): string[] {
  const path: unknown = JSON.parse(key);
  return Array.isArray(path) ? path.map(String) : [key];
}

/** `Auto / SUV / Roadster` */
export function showPath(path: readonly string[]): string {
  return path.join(' / ');
}

/** `client_product` as people read it. */
export function showKind(kind: string): string {
  return kind.replace('_', ' ');
}

const LEAST_SIMILARITY = 0.5;

/** `; did you mean "role"?` when one of the candidates is close enough, else nothing. */
export function didYouMean(typed: string, candidates: Iterable<string>): string {
  let best: string | undefined;
  let bestScore = LEAST_SIMILARITY;
  for (const candidate of candidates) {
    const score = similarity(typed.toLowerCase(), candidate.toLowerCase());
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return best === undefined ? '' : `; did you mean "${best}"?`;
}

/** From 0 to 1. That two addresses are of one domain says nothing about who is meant. */
function similarity(a: string, b: string): number {
  const [, domain] = a.split('@');
  if (domain !== undefined && b.endsWith(`@${domain}`)) {
    const end = -domain.length - 1;
    return similarity(a.slice(0, end), b.slice(0, end));
  }
  return 1 - editDistance(a, b) / Math.max(a.length, b.length, 1);
}

/** Insertions, deletions and replacements between two short texts. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

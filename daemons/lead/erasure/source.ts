const LONGEST_LABEL = 40;

/**
 * A source as far as it may outlive the person: a plain label such as `website` or `summer-fair` does, and
 * what could be an address, a number or a sentence does not. Callers put whatever they like into it.
 */
export function keptSource(source: string): string {
  const isLabel = /^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/i.test(source);
  return isLabel && source.length <= LONGEST_LABEL && !/\d{5}/.test(source) ? source : 'erased';
}

interface Templated {
  readonly method: string;
  /** `/api/clients/{client_id}/leads`. */
  readonly path: string;
}

/** The operation that a path means, as a template or as it is: the one with the fewest places left open. */
export function templateOf<Item extends Templated>(
  all: readonly Item[],
  method: string,
  path: string,
): Item | undefined {
  const [bare = ''] = path.split('?');
  const isOpen = (part: string): boolean => /^\{\w+\}$/.test(part);
  const parts = bare.split('/');
  const fits = all.filter((one) => {
    const template = one.path.split('/');
    return (
      one.method === method.toUpperCase() &&
      template.length === parts.length &&
      template.every((part, at) => part === parts[at] || (isOpen(part) && parts[at] !== ''))
    );
  });
  const places = ({ path: template }: Item): number => template.split('/').filter(isOpen).length;
  return fits.toSorted((a, b) => places(a) - places(b))[0];
}

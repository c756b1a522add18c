import type { Manifest } from '../schema.ts';
import { nameKey, showPath, type PlatformState } from '../state.ts';
import { step, stepKey, type Step } from '../step.ts';

const LEVELS = ['industry', 'category', 'product'] as const;

/** `industry`, `category` or `product`, by how many names lead to it. */
export function catalogueKind(path: readonly string[]): (typeof LEVELS)[number] {
  return LEVELS[path.length - 1] ?? 'product';
}

/** What is missing of the catalogue: all industries first, then categories, then products. */
export function planCatalogue(current: PlatformState, manifest: Manifest): Step[] {
  return [...cataloguePaths(manifest).values()]
    .filter((path) => !current.catalogue.has(nameKey(path)))
    .toSorted((a, b) => a.length - b.length)
    .map((path) => {
      const parent = path.slice(0, -1);
      return step({
        kind: catalogueKind(path),
        identity: nameKey(path),
        name: showPath(path),
        action: 'create',
        needs: parent.length === 0 ? [] : [catalogueStep(parent)],
        operation: { op: 'catalogue.create', path },
      });
    });
}

export function catalogueStep(path: readonly string[]): string {
  return stepKey(catalogueKind(path), null, nameKey(path));
}

/** Every industry, category and product that the manifest names, those of its clients too. */
export function cataloguePaths(manifest: Manifest): Map<string, readonly string[]> {
  const paths = new Map<string, readonly string[]>();
  const add = (...path: string[]): void => {
    for (let length = 1; length <= path.length; length += 1) {
      const part = path.slice(0, length);
      paths.set(nameKey(part), part);
    }
  };
  for (const industry of manifest.industries) {
    add(industry.name);
    for (const category of industry.categories) {
      add(industry.name, category.name);
      for (const product of category.products) add(industry.name, category.name, product);
    }
  }
  for (const { products } of manifest.clients) {
    for (const { industry, category, product } of products) add(industry, category, product);
  }
  return paths;
}

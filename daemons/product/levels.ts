/** The three levels of the catalogue; what each stands in is what makes them differ. */
export interface Level {
  readonly kind: 'industry' | 'category' | 'product';
  readonly table: 'industries' | 'product_categories' | 'products';
  /** The column that names the level above, and what stands there; null at the top. */
  readonly parent: { readonly column: 'industry_id' | 'category_id'; readonly kind: string } | null;
  /** What has to go before one of this level can. */
  readonly heldBy: string;
}

export const INDUSTRY = {
  kind: 'industry',
  table: 'industries',
  parent: null,
  heldBy: 'categories; delete those first',
} as const satisfies Level;

export const CATEGORY = {
  kind: 'category',
  table: 'product_categories',
  parent: { column: 'industry_id', kind: 'industry' },
  heldBy: 'products; delete those first',
} as const satisfies Level;

export const PRODUCT = {
  kind: 'product',
  table: 'products',
  parent: { column: 'category_id', kind: 'category' },
  heldBy: 'clients; detach it from them first, or disable it there',
} as const satisfies Level;

/** One row of a file: a lead to be, or what is wrong with it. */
export interface Row {
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly problem: string | undefined;
  /** How many fields it has less than the header. */
  readonly missing: number;
}

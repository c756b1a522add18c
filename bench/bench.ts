/** One measured number; `name` is its key in budgets.json. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `µs`, `/s`, `ms`, `s`, `MB`; empty for a ratio. */
  readonly unit: string;
  /** The same of each round, in order. */
  readonly rounds?: readonly number[] | undefined;
}

/** What a bench is told by the command line. */
export interface BenchOptions {
  /** Another built checkout, measured in turn with this one: round by round, on a database of its own. */
  readonly against: string | undefined;
  /** Leave a CPU profile and a table by layer. */
  readonly profile: boolean;
}

export interface Outcome {
  readonly figures: readonly Figure[];
  /** The same of the checkout that `against` names. */
  readonly before?: readonly Figure[];
  /** A table or a remark, as text. */
  readonly notes?: string;
}

export interface Bench {
  readonly name: string;
  readonly what: string;
  run(options: BenchOptions): Promise<Outcome>;
}

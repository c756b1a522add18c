import type { z } from 'zod';

/** One secret of a destination. */
export interface SecretSpec {
  /** What it is, for help and forms. */
  readonly title: string;
  /** From what is given to the text that is sealed. */
  readonly given: z.ZodType<string>;
  /** Without it nothing can be sent. */
  readonly isRequired: boolean;
  /** Makes one where none is given; it is shown once. */
  readonly make?: () => string;
  /** After a change, for how long the one before is used beside the new one. */
  readonly overlapMs?: number;
}

/** Secrets by the names that settings give them. */
export type SecretSpecs = Readonly<Record<string, SecretSpec>>;

import { z } from 'zod';

/** What is said between a process and its worker that estimates passwords. */
export const question = z.object({
  id: z.int(),
  password: z.string(),
  /** What somebody who knows the account tries first. */
  guessedFirst: z.array(z.string()),
});
export type Question = z.output<typeof question>;

export const answer = z.object({
  id: z.int(),
  strength: z.object({
    /** 0 to 4: the last means 10¹⁰ guesses or more. */
    score: z.int(),
    /** Empty where there is nothing to say. */
    warning: z.string(),
    suggestion: z.string(),
  }),
});
export type Answer = z.output<typeof answer>;
export type Strength = Answer['strength'];

import { createBoundedList, type BoundedList } from '../bounded.ts';

/** A message that the mail server accepted. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it was sent, headers first. */
  readonly raw: string;
  readonly at: string;
}

export type Mailbox = BoundedList<ReceivedMail>;

export const createMailbox = (deps: { keepEntries: number }): Mailbox =>
  createBoundedList<ReceivedMail>(deps.keepEntries);

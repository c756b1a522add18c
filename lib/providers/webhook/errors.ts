import { hold, retry, type Verdict } from '../outcome.ts';

const MINUTE_MS = 60_000;

const overloaded = retry({ scope: 'lane' });
const unavailable = retry();
const refusedContent: Verdict = { kind: 'permanent' };

/** A receiver may be mended without a word to us: look again by and by. */
const misdirected = (remedy: string) => hold('lane', remedy, 15 * MINUTE_MS);

const byStatus: Readonly<Record<number, Verdict>> = {
  400: refusedContent,
  413: refusedContent,
  422: refusedContent,
  401: misdirected('The receiver wants to know who calls: set the header that it expects.'),
  403: misdirected('The receiver refuses us: set the header that it expects, or let us in there.'),
  404: misdirected('There is nothing at this address: correct the url of the destination.'),
  405: misdirected('The receiver takes no POST at this address: correct the url.'),
  410: hold('lane', 'The receiver said that it is gone for good: set another url to go on.'),
  408: unavailable,
  425: unavailable,
  429: overloaded,
  503: overloaded,
};

/** What a receiver's status means. A webhook carries its id, so sending again is always safe. */
export function verdictOfStatus(status: number): Verdict {
  const listed = byStatus[status];
  if (listed !== undefined) return listed;
  if (status >= 500) return unavailable;
  if (status >= 300 && status < 400) {
    return misdirected(
      'The receiver sends us elsewhere, which is not followed: set the final url.',
    );
  }
  return misdirected(`The receiver answered ${status}: see its log for what it did not like.`);
}

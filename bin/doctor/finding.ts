/** `warning`: not wrong yet. `skipped`: could not be looked at from here. */
export type FindingStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** One thing that was looked at, and what to do where it is not as it should be. */
export interface Finding {
  /** Which layer: `gateway`, `service`, `clock`, `login`, `meta` … */
  readonly layer: string;
  readonly check: string;
  readonly status: FindingStatus;
  readonly message: string;
  readonly remedy: string | null;
}

interface Trouble {
  readonly message: string;
  readonly remedy: string;
}

/** What a layer's checks found is told in these words. */
export function findingsOf(layer: string) {
  return {
    ok: (check: string, message: string): Finding => ({
      layer,
      check,
      status: 'ok',
      message,
      remedy: null,
    }),
    warning: (check: string, trouble: Trouble): Finding => ({
      layer,
      check,
      status: 'warning',
      ...trouble,
    }),
    failed: (check: string, trouble: Trouble): Finding => ({
      layer,
      check,
      status: 'failed',
      ...trouble,
    }),
    skipped: (check: string, message: string, remedy: string | null = null): Finding => ({
      layer,
      check,
      status: 'skipped',
      message,
      remedy,
    }),
  };
}

const SEVERITY: Readonly<Record<FindingStatus, number>> = {
  failed: 0,
  warning: 1,
  skipped: 2,
  ok: 3,
};

/** The worst first; what is equally bad stays in the order of the layers. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => SEVERITY[a.status] - SEVERITY[b.status]);
}

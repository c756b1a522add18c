export interface Bell {
  ring(): void;
  /** Until it rings, at most `ms`; at once when it has rung since the last rest. Whether it rang. */
  rest(ms: number): Promise<boolean>;
}

/** Wakes one sleeper. */
export function createBell(): Bell {
  let hasRung = false;
  let wake = (): void => undefined;
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async rest(ms) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const rang = hasRung;
      hasRung = false;
      return rang;
    },
  };
}

export interface WakeSignal {
  wake(): void;
  /** Waits for `wake`, at most `ms`; not at all when it was called since the last wait. Resolves to whether it was. */
  wait(ms: number): Promise<boolean>;
}

/** Lets one sleeper be woken; several calls before it sleeps again count as one. */
export function createWakeSignal(): WakeSignal {
  let isCalled = false;
  let onCall = (): void => undefined;
  return {
    wake() {
      isCalled = true;
      onCall();
    },
    async wait(ms) {
      if (!isCalled) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          onCall = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const wasCalled = isCalled;
      isCalled = false;
      return wasCalled;
    },
  };
}

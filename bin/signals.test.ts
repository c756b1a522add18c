import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type SignalSource, watchInterruption } from './signals.ts';

function fakeProcess() {
  const emitter = new EventEmitter();
  const exits: number[] = [];
  const source: SignalSource = {
    on: (name, listener) => emitter.on(name, listener),
    exit: (code) => exits.push(code),
  };
  return { source, exits, send: (name: string) => emitter.emit(name) };
}

describe('watchInterruption', () => {
  it('ends at once with 130 while nobody has promised to stop', () => {
    const { source, exits, send } = fakeProcess();
    watchInterruption(source, () => 0);
    send('SIGTERM');
    expect(exits).toEqual([130]);
  });

  it('lets who asked for the signal finish, and takes an echo of Ctrl-C for the same wish', () => {
    const { source, exits, send } = fakeProcess();
    let nowMs = 0;
    const signal = watchInterruption(source, () => nowMs).signal();
    send('SIGINT');
    nowMs = 100;
    send('SIGINT');
    expect([signal.aborted, exits]).toEqual([true, []]);
    expect(signal.reason).toMatchObject({ details: { exitCode: 130 } });
    nowMs = 2000;
    send('SIGINT');
    expect(exits).toEqual([130]);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventParser } from './event-parser.ts';

const stream =
  'id: 1\n: following acme\n\n' +
  'id: 2\r\nevent: lead.created\r\ndata: {"a":\r\ndata:1}\r\n\r\n' +
  ': still here\n\n' +
  'retry: 250\nid: 3\revent: lead.updated\rdata: ünï 🚀\r\r' +
  'data\n\n' +
  'id: 4\ndata: cut off';

const events = [
  { id: '2', name: 'lead.created', data: '{"a":\n1}' },
  { id: '3', name: 'lead.updated', data: 'ünï 🚀' },
  { id: '3', name: 'message', data: '' },
];

describe('createEventParser', () => {
  it('reads the same events however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const parser = createEventParser();
        const at = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const pieces = at.slice(1).map((end, index) => stream.slice(at[index], end));
        expect(pieces.flatMap((piece) => parser.push(piece))).toEqual(events);
        expect(parser.lastEventId).toBe('3');
      }),
    );
  });

  it('knows a position that came without an event', () => {
    const parser = createEventParser();
    expect(parser.push('id: 7\n: following acme\n\n')).toEqual([]);
    expect(parser.lastEventId).toBe('7');
  });

  it('refuses an event without end', () => {
    const parser = createEventParser();
    expect(() => {
      for (let at = 0; at < 100; at += 1) parser.push('x'.repeat(100_000));
    }).toThrow('too large');
  });
});

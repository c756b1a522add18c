/** One server-sent event, as the stream gave it. */
export interface StreamEvent {
  /** Where to resume after this event; empty when the stream has named no position yet. */
  readonly id: string;
  readonly name: string;
  readonly data: string;
}

export interface EventParser {
  /** Takes the next piece of text, cut anywhere; returns the events that it completes. */
  push(text: string): StreamEvent[];
  /** Of the last block that was whole: also one that only names a position. */
  readonly lastEventId: string;
}

const MOST_CHARACTERS = 4 * 1024 * 1024;

/**
 * Parses `text/event-stream` as the HTML standard says (9.2.6). Throws for a block beyond 4 Mi characters:
 * no stream of ours has such, and memory is not the other side's to fill.
 */
export function createEventParser(lastEventId = ''): EventParser {
  let rest = '';
  let position = lastEventId;
  let block = emptyBlock(position);

  const endBlock = (): StreamEvent | undefined => {
    const { id, name, data } = block;
    position = id;
    block = emptyBlock(position);
    return data.length === 0 ? undefined : { id, name, data: data.join('\n') };
  };
  const takeField = (field: string, value: string): void => {
    if (field === 'data') block.data.push(value);
    if (field === 'event') block.name = value === '' ? 'message' : value;
    if (field === 'id' && !value.includes('\0')) block.id = value;
  };

  return {
    push(text) {
      rest += text;
      const { lines, tail } = takeLines(rest);
      rest = tail;
      const events: StreamEvent[] = [];
      for (const line of lines) {
        const event = line === '' ? endBlock() : undefined;
        if (event) events.push(event);
        if (line === '') continue;
        block.characters += line.length;
        const colon = line.indexOf(':');
        if (colon === 0) continue;
        if (colon < 0) takeField(line, '');
        else takeField(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''));
      }
      if (rest.length + block.characters > MOST_CHARACTERS) {
        throw new Error('The event stream sent an event that is too large');
      }
      return events;
    },
    get lastEventId() {
      return position;
    },
  };
}

interface Block {
  id: string;
  name: string;
  readonly data: string[];
  characters: number;
}

function emptyBlock(id: string): Block {
  return { id, name: 'message', data: [], characters: 0 };
}

/** Lines end in CR LF, LF or CR; a CR at the very end waits, since its LF may come with the next piece. */
function takeLines(text: string): { lines: string[]; tail: string } {
  const held = text.endsWith('\r') ? '\r' : '';
  const lines = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
  const tail = lines.pop() ?? '';
  return { lines, tail: tail + held };
}

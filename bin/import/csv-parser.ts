export interface CsvRecord {
  /** Of the file, from 1, where the record begins. */
  readonly line: number;
  readonly fields: readonly string[];
}

export interface CsvParser {
  /** Takes the next piece of text, cut anywhere; returns the records that it completes. */
  push(text: string): CsvRecord[];
  /** What is left when the text is over. */
  end(): CsvRecord[];
}

const MOST_CHARACTERS = 1024 * 1024;

/**
 * Records of RFC 4180: quoted fields may hold delimiters, quotes ("") and line breaks; lines end in LF or
 * CR LF; empty lines are no records. A quote inside an unquoted field is a character like any other, as
 * spreadsheets have it. Throws for a quote that nobody closes.
 */
export function createCsvParser(delimiter: string): CsvParser {
  let state: 'start' | 'plain' | 'quoted' | 'closing' = 'start';
  let fields: string[] = [];
  let field = '';
  let size = 0;
  let line = 1;
  let startLine = 1;
  let isFirst = true;

  const endField = (): void => {
    fields.push(state === 'plain' ? field.replace(/\r$/, '') : field);
    field = '';
    state = 'start';
  };
  const endRecord = (records: CsvRecord[]): void => {
    const isEmptyLine = fields.length === 0 && state !== 'closing' && field.trim() === '';
    endField();
    if (!isEmptyLine) records.push({ line: startLine, fields });
    fields = [];
    size = 0;
    startLine = line;
  };
  const takeQuoted = (character: string): void => {
    if (character === '"') state = 'closing';
    else field += character;
  };
  const takeOther = (character: string): void => {
    if (character === '"' && state === 'start') {
      state = 'quoted';
    } else if (character === '"' && state === 'closing') {
      field += '"';
      state = 'quoted';
    } else if (state !== 'closing' || character !== '\r') {
      field += character;
      state = 'plain';
    }
  };

  return {
    push(text) {
      const records: CsvRecord[] = [];
      // A byte order mark is no part of the first header.
      const start = isFirst && text.startsWith('\uFEFF') ? 1 : 0;
      isFirst &&= text === '';
      for (let at = start; at < text.length; at += 1) {
        const character = text.charAt(at);
        size += 1;
        if (size > MOST_CHARACTERS) throw unclosed(startLine);
        if (character === '\n') line += 1;
        if (state === 'quoted') takeQuoted(character);
        else if (character === delimiter) endField();
        else if (character === '\n') endRecord(records);
        else takeOther(character);
      }
      return records;
    },
    end() {
      if (state === 'quoted') throw unclosed(startLine);
      const records: CsvRecord[] = [];
      endRecord(records);
      return records;
    },
  };
}

function unclosed(line: number): Error {
  return new Error(`The quote in the record at line ${line} is never closed`);
}

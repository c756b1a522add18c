import { isMap, isNode, isPair, LineCounter, parseAllDocuments, visit, type Document } from 'yaml';

/** Where in which file, counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem extends Place {
  readonly message: string;
}

export type Path = readonly PropertyKey[];

/** One YAML document, as data, and where each part of it stands. */
export interface LocatedDocument {
  readonly value: unknown;
  /** Of the value at `path`, or the nearest one around it that exists. */
  placeOf(path: Path): Place;
  /** Of the key itself in the map at `path`. */
  placeOfKey(path: Path, key: string): Place;
}

/** Every document of a YAML (or JSON) text; a file that is not YAML is problems instead. */
export function readDocuments(
  file: string,
  text: string,
): { documents: LocatedDocument[]; problems: Problem[] } {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: true });
  if (!Array.isArray(documents)) return { documents: [], problems: [] };
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const problems = documents.flatMap((document) =>
    document.errors.map(({ pos, code, message }) => ({
      ...placeAt(code === 'MISSING_CHAR' ? openingOf(document, pos[0]) : pos[0]),
      message: message.split(/ at line \d+/, 1)[0] ?? message,
    })),
  );
  if (problems.length > 0) return { documents: [], problems };
  const filled = documents.filter(({ contents }) => contents !== null);
  return { documents: filled.map((document) => locate(document, placeAt)), problems: [] };
}

/** Where the quoted text begins that does not end before `end`; `end` itself when that is not what is missing. */
function openingOf(document: Document.Parsed, end: number): number {
  let opening = end;
  visit(document, {
    Scalar: (_key, { type, range }) => {
      if (!type?.startsWith('QUOTE') || !range) return;
      if (range[0] < end && range[1] >= end) opening = range[0];
    },
  });
  return opening;
}

function locate(document: Document.Parsed, placeAt: (offset: number) => Place): LocatedDocument {
  keepLongNumbers(document);
  const offsetOf = (path: Path): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return document.contents?.range[0] ?? 0;
  };
  return {
    value: document.toJS(),
    placeOf: (path) => placeAt(offsetOf(path)),
    placeOfKey(path, key) {
      const map = path.length === 0 ? document.contents : document.getIn(path, true);
      const pair = isMap(map)
        ? map.items.find((item) => isPair(item) && String(item.key) === key)
        : undefined;
      const node = pair?.key;
      return placeAt(isNode(node) && node.range ? node.range[0] : offsetOf(path));
    },
  };
}

/** Ids of Meta's are longer than a number can be; unquoted they are taken as they are written. */
function keepLongNumbers(document: Document.Parsed): void {
  visit(document, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === 'number' && !Number.isSafeInteger(scalar.value)) {
        if (Number.isInteger(scalar.value)) scalar.value = scalar.source ?? scalar.value;
      }
    },
  });
}

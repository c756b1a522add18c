import * as fc from 'fast-check';

/** A lead that ingestion must accept, as it goes over the wire. */
export interface ArbitraryLead {
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

const MOST_BYTES = 262_144;
const BOUNDARY = 'a-boundary-that-no-value-has';
const encoder = new TextEncoder();

/** Never `name`: a second one would take the place of the first, by which somebody can be reached. */
const fieldName = fc
  .oneof(
    fc.constantFrom('consent', 'source', 'phone', 'email', '__proto__', '_unparsed', 'id', 'note'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  )
  .filter((field) => field !== 'name');

/** Of up to 190, for `source` may have 200 characters. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('\0', '=1+1', '\u{202E}evil', '\u{FFFD}', '{"a":1}', 'x'.repeat(190)),
);

const number = fc.oneof(
  fc.constantFrom('9007199254740993', '12345678901234567890', '1e400', '-0', '1e131071', '1E-7'),
  fc.constantFrom('1.00000000000000000001', '1.50', '1e400000', '0', '-12.25'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt().map(String),
);

/** JSON text: any value, at any depth, some of them far beyond what a parser that calls itself bears. */
const jsonText = fc.oneof(
  { weight: 4, arbitrary: text.map((value) => JSON.stringify(value)) },
  { weight: 3, arbitrary: number },
  { weight: 3, arbitrary: fc.json({ maxDepth: 5 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.oneof(fc.integer({ min: 55, max: 70 }), fc.integer({ min: 1_000, max: 20_000 })),
        number,
      )
      .map(([depth, core]) => `${'['.repeat(depth)}${core}${']'.repeat(depth)}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 55, max: 12_000 })
      .map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 40_000 }).map((size) => `"${'é'.repeat(size)}"`),
  },
);

/** Labels of ours have a length; a lead with a longer one is refused, and none is meant to be here. */
const TEXTUAL = new Set(['source', 'phone', 'email', 'lead_reference_id', '_gotcha', 'product_id']);

const jsonLead = fc
  .tuple(
    fc.uniqueArray(fc.tuple(fieldName, jsonText), { maxLength: 6, selector: ([name]) => name }),
    text,
  )
  .map(([fields, name]) => {
    const members = fields
      .filter(([field, value]) => !TEXTUAL.has(field) || value.length < 150)
      .map(([field, value]) => `${JSON.stringify(field)}:${value}`);
    const named = `"name":${JSON.stringify(`Ada ${name}`)}`;
    return {
      contentType: 'application/json',
      body: encoder.encode(`{${[named, ...members].join(',')}}`),
    };
  });

const fields = fc
  .array(fc.tuple(fieldName, text), { maxLength: 6 })
  .map((given): [string, string][] => [['name', 'Ada'], ...given]);

const urlencodedLead = fc.tuple(fields, fc.boolean()).map(([given, isOld]) => ({
  contentType: 'application/x-www-form-urlencoded',
  body: encoder.encode(
    new URLSearchParams(given).toString() + (isOld ? '&city=M%FCnchen&%E9=%80' : ''),
  ),
}));

const multipartLead = fields.map((given) => ({
  contentType: `multipart/form-data; boundary=${BOUNDARY}`,
  body: encoder.encode(
    given
      .map(
        ([name, value]) =>
          `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name.replaceAll(/["\\\r\n]/g, '_')}"\r\n\r\n${value}\r\n`,
      )
      .join('') + `--${BOUNDARY}--\r\n`,
  ),
}));

/** Leads of any depth, size, encoding and type of field. */
export const arbitraryLead: fc.Arbitrary<ArbitraryLead> = fc
  .oneof(
    { weight: 3, arbitrary: jsonLead },
    { weight: 1, arbitrary: urlencodedLead },
    { weight: 1, arbitrary: multipartLead },
  )
  .filter(({ body }) => body.length <= MOST_BYTES);

/** A body read and understood: its value, and the JSON text that stands for it. */
export interface ParsedBody {
  readonly value: unknown;
  readonly text: string;
}

/** A form's fields as an object; a field sent more than once becomes the list of its values. */
export function collectFields(fields: readonly (readonly [string, unknown])[]): ParsedBody {
  const grouped = Map.groupBy(fields, ([name]) => name);
  const value = Object.fromEntries(
    [...grouped].map(([name, entries]) => {
      const values = entries.map(([, content]) => content);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
  return { value, text: JSON.stringify(value) };
}

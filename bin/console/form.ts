import * as z from 'zod';
import { shellWord as word } from '../cli/shell-word.ts';
import { type FormField, fieldsFrom, type FieldText, valuesOf } from './form-fields.ts';

export { word };
export type Values = Readonly<Record<string, string>>;

/** What is asked before something is done. Made from the contract's own schema. */
export interface Form {
  readonly title: string;
  /** What it will hit, for the severe. */
  readonly warning?: string;
  readonly fields: readonly FormField[];
  /** What is wrong with each field so far; under '' what concerns the whole. */
  readonly problems: (values: Values) => Readonly<Record<string, string>>;
  /** The command line that does the same. */
  readonly command: (values: Values) => string;
  /** Does it; resolves with what there is to say. Rejects as commands do. */
  readonly submit: (values: Values) => Promise<string>;
}

export interface FormSpec<Schema extends z.ZodType> {
  readonly title: string;
  readonly warning?: string;
  readonly schema: Schema;
  /** Which fields are asked for, in this order, and how; those of the schema say the rest. */
  readonly ask: Readonly<Record<string, FieldText>>;
  readonly command: (values: Values) => string;
  readonly submit: (input: z.input<Schema>, values: Values) => Promise<string>;
}

/** A form whose fields, types, choices and rules are those of a request's body. */
export function formFor<Schema extends z.ZodType>(spec: FormSpec<Schema>): Form {
  const { schema } = spec;
  const fields = fieldsFrom(schema, spec.ask);
  return {
    title: spec.title,
    ...(spec.warning === undefined ? {} : { warning: spec.warning }),
    fields,
    problems: (values) => problemsOf(schema, fields, values),
    command: spec.command,
    submit: async (values) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- problemsOf has parsed these very values with the schema
      const input = valuesOf(fields, values) as z.input<Schema>;
      return await spec.submit(input, values);
    },
  };
}

function problemsOf(
  schema: z.ZodType,
  fields: readonly FormField[],
  values: Values,
): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const typed = values[field.name] ?? '';
    if (field.required && typed.trim() === '') problems[field.name] = 'must be given';
    if (field.type === 'number' && typed.trim() !== '' && Number.isNaN(Number(typed))) {
      problems[field.name] = 'must be a number';
    }
  }
  const parsed = schema.safeParse(valuesOf(fields, values));
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = String(path[0] ?? '');
    const known = fields.some((field) => field.name === name);
    problems[known ? name : ''] ??= message;
  }
  return problems;
}

/** A yes or no. */
export function confirmation(spec: {
  readonly title: string;
  readonly warning?: string;
  readonly command: string;
  readonly submit: () => Promise<string>;
}): Form {
  return formFor({
    ...spec,
    schema: z.object({}),
    ask: {},
    command: () => spec.command,
    submit: spec.submit,
  });
}

/** ` --name VALUE` where there is a value. */
export function option(name: string, value: string | undefined): string {
  return value === undefined || value.trim() === '' ? '' : ` ${name} ${word(value.trim())}`;
}

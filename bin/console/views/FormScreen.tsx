import { Text } from 'ink';
import type { ReactElement } from 'react';
import type { Theme } from '../../ui/views/theme.ts';
import { truncate, wrap } from '../../ui/width.ts';
import type { FormField } from '../form-fields.ts';
import type { Screen } from '../state.ts';

export interface FormScreenProps {
  readonly screen: Screen & { kind: 'form' };
  readonly theme: Theme;
  readonly columns: number;
  readonly lines: number;
}

/** Fields, one a line, with what is wrong beside each, and the command that does the same. */
export function FormScreen({ screen, theme, columns, lines }: FormScreenProps): ReactElement {
  const { form, values, at, touched, busy, failed } = screen;
  const problems = form.problems(values);
  const label = Math.max(4, ...form.fields.map((field) => field.label.length));
  const isReady = Object.keys(problems).length === 0;
  const chosen = form.fields[at];
  const room = Math.max(1, lines - 8);
  const from = Math.max(0, Math.min(at - room + 1, form.fields.length - room));
  return (
    <>
      <Text {...theme.title}>{wrap(form.title, columns, 3).join('\n')}</Text>
      {form.warning === undefined ? null : (
        <Text {...theme.bad} wrap="wrap">
          {form.warning}
        </Text>
      )}
      <Text> </Text>
      {form.fields.slice(from, from + room).map((field) => {
        const problem = touched.has(field.name) ? problems[field.name] : undefined;
        const isHere = field === chosen;
        return (
          <Text key={field.name} wrap="truncate">
            <Text {...(isHere ? theme.title : {})}>
              {`${isHere ? '› ' : '  '}${field.label.padEnd(label)}${field.required ? '* ' : '  '}`}
            </Text>
            <Text {...(isHere ? theme.selected : {})}>{shownValue(field, values, isHere)}</Text>
            {problem === undefined ? '' : <Text {...theme.bad}>{`  ${problem}`}</Text>}
          </Text>
        );
      })}
      <Text> </Text>
      <Text {...(at >= form.fields.length ? theme.selected : {})}>
        {busy ? ' Doing it… ' : isReady ? ' Do it (Enter) ' : ' Not ready yet '}
      </Text>
      {problems[''] === undefined || form.fields.length === 0 ? null : (
        <Text {...theme.bad}>{truncate(problems[''], columns)}</Text>
      )}
      {failed === undefined ? null : (
        <Text {...theme.bad}>{wrap(failed, columns, 4).join('\n')}</Text>
      )}
      <Text {...theme.dim} wrap="truncate">
        {truncate(hintFor(chosen), columns)}
      </Text>
      <Text {...theme.dim}>{wrap(`$ ${form.command(values)}`, columns, 3).join('\n')}</Text>
    </>
  );
}

function shownValue(
  field: FormField,
  values: Readonly<Record<string, string>>,
  isHere: boolean,
): string {
  const typed = values[field.name] ?? '';
  const cursor = isHere ? '▏' : '';
  if (field.type === 'secret') return `${'•'.repeat(typed.length)}${cursor}`;
  if (field.type === 'choice' || field.type === 'boolean') {
    return isHere ? `‹ ${typed === '' ? '-' : typed} ›` : typed === '' ? '-' : typed;
  }
  return `${typed}${cursor}`;
}

function hintFor(field: FormField | undefined): string {
  if (field === undefined) return '';
  const { help, type, choices } = field;
  const how = type === 'choice' ? `←→ or type: ${choices.join(', ')}` : '';
  const yesNo = type === 'boolean' ? '←→ yes or no' : '';
  return [how, yesNo, help].filter(Boolean).join(' · ');
}

import type { Action, DetailLine } from '../../resource.ts';
import type { Form } from '../../form.ts';
import type { FormField } from '../../form-fields.ts';
import type { Screen } from '../../state.ts';
import { clamp, type KeyDeps, type Pressed } from './pressed.ts';

type FormScreen = Screen & { kind: 'form' };

/** Asks what the action needs to know; what it needs to load for that comes first. */
export function openAction({ dispatch }: KeyDeps, action: Action): void {
  const failed = (error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error);
    dispatch({ kind: 'message', message: { text, tone: 'bad' } });
  };
  const open = (form: Form): void => {
    const values = Object.fromEntries(form.fields.map(({ name, initial }) => [name, initial]));
    const screen: FormScreen = {
      kind: 'form',
      form,
      values,
      at: 0,
      touched: new Set(),
      busy: false,
      failed: undefined,
    };
    dispatch({ kind: 'push', screen });
  };
  Promise.resolve()
    .then(() => action.form())
    .then(open, failed);
}

export function formKeys(deps: KeyDeps, screen: FormScreen, { input, key }: Pressed): void {
  const { dispatch } = deps;
  if (screen.busy) return undefined;
  if (key.escape) return dispatch({ kind: 'back' });
  const { fields } = screen.form;
  const field = fields[screen.at];
  if ((key.ctrl && input === 's') || (key.return && field === undefined)) {
    return submit(deps, screen);
  }
  if (key.upArrow || (key.tab && key.shift)) return move(-1);
  if (key.downArrow || key.tab || key.return) return move(1);
  if (field === undefined) return undefined;
  const before = screen.values[field.name] ?? '';
  const after = edited(field, before, { input, key });
  if (after === before) return undefined;
  const values = { ...screen.values, [field.name]: after };
  // What is wrong is said while it is typed, once there is something.
  const touched = new Set(screen.touched).add(field.name);
  return dispatch({ kind: 'change', screen: { ...screen, values, touched, failed: undefined } });

  function move(by: number): void {
    const touched = new Set(screen.touched);
    if (field !== undefined) touched.add(field.name);
    const at = clamp(screen.at + by, fields.length);
    dispatch({ kind: 'change', screen: { ...screen, at, touched } });
  }
}

function edited(field: FormField, before: string, { input, key }: Pressed): string {
  const choices = field.type === 'boolean' ? ['no', 'yes'] : field.choices;
  const isChosen = field.type === 'choice' || field.type === 'boolean';
  if (isChosen && (key.leftArrow || key.rightArrow || input === ' ')) {
    const all = field.required || field.type === 'boolean' ? choices : ['', ...choices];
    const at = all.indexOf(before) + (key.leftArrow ? -1 : 1);
    return all.at(at % all.length) ?? '';
  }
  if (key.backspace || key.delete) return isChosen ? '' : before.slice(0, -1);
  if (key.ctrl || key.meta || key.leftArrow || key.rightArrow || input === '') return before;
  if (!isChosen) return before + input;
  return choices.find((choice) => choice.toLowerCase().startsWith(input.toLowerCase())) ?? before;
}

function submit(deps: KeyDeps, screen: FormScreen): void {
  const { dispatch } = deps;
  const { form, values } = screen;
  if (Object.keys(form.problems(values)).length > 0) {
    const touched = new Set(form.fields.map(({ name }) => name));
    return dispatch({ kind: 'change', screen: { ...screen, touched } });
  }
  dispatch({ kind: 'change', screen: { ...screen, busy: true, failed: undefined } });
  void settle(deps, screen);
  return undefined;
}

async function settle(deps: KeyDeps, screen: FormScreen): Promise<void> {
  const { form, values } = screen;
  try {
    done(deps, form, await form.submit(values));
  } catch (error) {
    const failed = reasonOf(error);
    deps.dispatch({ kind: 'change', screen: { ...screen, busy: false, failed } });
  }
}

/** Several lines, such as a key that is shown this once, stay until they are left. */
function done({ dispatch }: KeyDeps, { title }: Form, told: string): void {
  const [first = '', ...more] = told.split('\n');
  dispatch({ kind: 'done', told: first });
  if (more.length === 0) return;
  const lines: DetailLine[] = told.split('\n').map((text) => ({ name: '', text }));
  const entry = {
    id: more[0] ?? '',
    cells: [title],
    search: '',
    weight: 'usual' as const,
    depth: 0,
    actions: [],
    detail: async () => lines,
  };
  dispatch({ kind: 'push', screen: { kind: 'detail', title, entry, lines, scroll: 0 } });
}

/** A refusal in the gateway's own words, with the fields it names. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const problem: unknown = Reflect.get(error, 'problem');
  if (typeof problem !== 'object' || problem === null) return error.message;
  const detail: unknown = Reflect.get(problem, 'detail');
  return typeof detail === 'string' && detail !== '' ? detail : error.message;
}

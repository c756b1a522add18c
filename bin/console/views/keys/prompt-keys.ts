import type { Resource } from '../../resource.ts';
import { listOf } from '../../state.ts';
import type { KeyDeps, Pressed } from './pressed.ts';

/** What is typed after `/` filters as it grows; after `:` it goes somewhere at Enter. */
export function promptKeys(deps: KeyDeps, { input, key }: Pressed, exit: () => void): void {
  const { state, dispatch } = deps;
  const { prompt } = state;
  if (prompt === undefined) return undefined;
  if (key.escape) {
    dispatch({ kind: 'prompt', prompt: undefined });
    if (prompt.kind === 'filter') filter(deps, '');
    return undefined;
  }
  if (key.return) {
    dispatch({ kind: 'prompt', prompt: undefined });
    return prompt.kind === 'goto' ? goTo(deps, prompt.text.trim(), exit) : undefined;
  }
  const text = edited(prompt.text, { input, key }, prompt.kind === 'goto' ? deps.resources : []);
  dispatch({ kind: 'prompt', prompt: { ...prompt, text } });
  return prompt.kind === 'filter' ? filter(deps, text) : undefined;
}

function edited(text: string, { input, key }: Pressed, resources: readonly Resource[]): string {
  if (key.backspace || key.delete) return text.slice(0, -1);
  if (key.tab) return completed(text, resources);
  return key.ctrl || key.meta ? text : text + input;
}

function filter({ state, dispatch }: KeyDeps, text: string): void {
  dispatch({ kind: 'change', screen: { ...listOf(state), filter: text, cursor: undefined } });
}

function completed(text: string, resources: readonly Resource[]): string {
  const found = resources.filter(({ name }) => name.startsWith(text));
  return found.length === 1 ? (found[0]?.name ?? text) : text;
}

function goTo(deps: KeyDeps, text: string, exit: () => void): void {
  const { dispatch, resources, state } = deps;
  const [word = '', argument] = text.split(/\s+/);
  if (word === 'q' || word === 'quit') return exit();
  if (word === '') return undefined;
  if (word === 'client' && argument !== undefined) {
    return dispatch({ kind: 'go', resource: 'home', client: argument });
  }
  const found =
    resources.find(({ name, aliases }) => name === word || aliases.includes(word)) ??
    resources.find(({ name }) => name.startsWith(word));
  if (found === undefined) return say(`There is no view '${word}'; ? lists them`);
  if (found.isOfClient && state.client === undefined) return say('Choose a client first: :clients');
  return dispatch({ kind: 'go', resource: found.name });

  function say(told: string): void {
    dispatch({ kind: 'message', message: { text: told, tone: 'bad' } });
  }
}

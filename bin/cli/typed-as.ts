import type { Command } from 'commander';
import type { Failure } from '../ui/failure.ts';

/** A failure whose fields are called as they were typed: `--origin`, not `body.allowed_origins.0`. */
export function asTyped(failure: Failure, command: Command): Failure {
  const { why, errors } = failure;
  return {
    ...failure,
    why: why
      ?.replaceAll(/Invalid input: expected \w+, received undefined\.?/g, 'must be given')
      ?.replaceAll(/^((?:body|query|params)\.[\w.]+)(?=: )/gm, (path) => typedAs(path, command)),
    errors: errors?.map((error) => ({ ...error, path: typedAs(error.path, command) })),
  };
}

/** The path itself where the command has no such option or argument. */
function typedAs(path: string, command: Command): string {
  const [field = '', ...below] = path.replace(/^(body|query|params)\./, '').split('.');
  const name = singular(field.replaceAll('_', '-'));
  const found = command.options
    .map(({ long }) => long?.replace(/^--/, '') ?? '')
    .filter((option) => isSame(name, singular(option)))
    .toSorted((a, b) => b.length - a.length)[0];
  if (found !== undefined) {
    const inside = below.filter((part) => !/^\d+$/.test(part)).join('.');
    return `--${found}${inside === '' ? '' : ` ${inside}`}`;
  }
  const argument = command.registeredArguments.find(
    (one) => singular(one.name().replaceAll('_', '-')) === name,
  );
  return argument === undefined ? path : `<${argument.name()}>`;
}

/** `allowed-origin` is typed as `--origin`, `reports-to-user-client-id` as `--reports-to`. */
function isSame(field: string, option: string): boolean {
  return field === option || field.endsWith(`-${option}`) || field.startsWith(`${option}-`);
}

function singular(name: string): string {
  return name.replace(/s$/, '');
}

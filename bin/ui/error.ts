import type { Failure } from './failure.ts';
import { createStyle } from './style.ts';
import { escapeJson, visible, visibleLines } from './text.ts';

export interface ErrorOptions {
  /** Machines that asked for JSON get their errors as JSON too. */
  readonly json: boolean;
  readonly colour: boolean;
  readonly debug: boolean;
}

/** What goes to stderr: what failed, why, what to do next, and the id that finds it in the logs. */
export function errorText(failure: Failure, options: ErrorOptions): string {
  return options.json ? jsonError(failure) : humanError(failure, options);
}

function humanError(failure: Failure, options: ErrorOptions): string {
  const style = createStyle(options.colour);
  const lines = [`${style.red('Error:')} ${visibleLines(failure.message)}`];
  if (failure.why !== undefined)
    lines.push(`  ${visibleLines(failure.why).replaceAll('\n', '\n  ')}`);
  for (const { path, message } of failure.errors ?? []) {
    lines.push(`  ${path === '' ? '' : `${visible(path)}: `}${visible(message)}`);
  }
  if (failure.next !== undefined) lines.push(`${style.bold('Try:')} ${visibleLines(failure.next)}`);
  if (failure.requestId !== undefined) {
    lines.push(style.dim(`Request id: ${visible(failure.requestId)}`));
  }
  if (options.debug && failure.stack !== undefined) lines.push(visibleLines(failure.stack));
  return `${lines.join('\n')}\n`;
}

function jsonError(failure: Failure): string {
  const { code, message, why, next, status, requestId, errors, exitCode } = failure;
  const body = {
    error: {
      code,
      message,
      why,
      try: next,
      status,
      request_id: requestId,
      errors,
      exit_code: exitCode,
    },
  };
  return `${escapeJson(JSON.stringify(body))}\n`;
}

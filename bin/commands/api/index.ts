import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { readProblem } from '../../../lib/contract/client.ts';
import { parseAnswer } from '../../../lib/core/lossless-json.ts';
import { ApiError } from '../../cli/api-error.ts';
import { type DefineCommand, defineAction } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { CliError, usageError } from '../../cli/failure.ts';
import { fileReason } from '../../cli/file-reason.ts';
import { connect } from '../../client/gateway.ts';
import { requireClient } from '../../config/settings.ts';
import { write } from '../../io.ts';
import { visibleInCsv } from '../../ui/text.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const pair = z.string().transform((given, context): readonly [string, unknown] => {
  const [, name, sign, value] = /^([^=:]+)(:=|=)(.*)$/s.exec(given) ?? [];
  if (name === undefined || value === undefined) {
    context.addIssue('write it as name=text or name:=JSON');
    return z.NEVER;
  }
  if (sign === '=') return [name, value];
  try {
    return [name, JSON.parse(value)];
  } catch {
    context.addIssue(`${name}: what stands after := must be JSON`);
    return z.NEVER;
  }
});

const input = z.object({
  method: z
    .string()
    .toUpperCase()
    .pipe(z.enum(METHODS, `must be one of ${METHODS.join(', ')}`)),
  path: z.string().startsWith('/', 'must begin with /, e.g. /api/clients'),
  field: z.array(pair).default([]),
  body: z.string().optional(),
  timeout: z.coerce.number().int().positive().default(60),
});
type Input = z.output<typeof input>;

/** `leadctl api METHOD PATH`: any request, with the token that other commands send. */
export const defineApi: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Send any request with your login and print the answer; {client_id} is filled in',
    args: [
      { name: '<method>', help: METHODS.join(', '), complete: 'methods' },
      { name: '<path>', help: 'with its query, e.g. /api/clients?limit=5', complete: 'paths' },
    ],
    options: [
      {
        flags: '-f, --field <name=value>',
        help: 'of the JSON body; name:=JSON for what is no text; may be repeated',
        repeat: true,
      },
      { flags: '--body <file>', help: 'the JSON body from a file, - for standard input' },
      { flags: '--timeout <seconds>', help: 'give up after this (60)' },
    ],
    input,
    examples: [
      "leadctl api GET '/api/clients?limit=5' --jq '.data[].client_id'",
      "leadctl api GET '/api/clients/{client_id}/leads/summary' --client acme",
      'leadctl api PATCH /api/clients/acme -f name=Acme',
    ],
    run: request,
  });
};

async function request(ctx: CommandContext, given: Input): Promise<void> {
  const gateway = await connect(ctx);
  const body = await bodyText(ctx, given);
  const signal = AbortSignal.any([ctx.interruption(), AbortSignal.timeout(given.timeout * 1_000)]);
  const response = await gateway.open({
    method: given.method,
    path: given.path.replaceAll('{client_id}', () => requireClient(gateway.settings)),
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    signal,
    ...(body === undefined ? {} : { body }),
  });
  const answer = await response.text();
  if (!response.ok) throw new ApiError(readProblem(response, answer));
  if (answer === '') return;
  if (!/\bjson\b/.test(response.headers.get('content-type') ?? '')) {
    await write(ctx.io.stdout, `${visibleInCsv(answer).trimEnd()}\n`);
    return;
  }
  await ctx.document(parseAnswer(answer));
}

async function bodyText(ctx: CommandContext, { field, body }: Input): Promise<string | undefined> {
  if (field.length > 0 && body !== undefined) {
    throw usageError('The body comes from --field or from --body, not from both');
  }
  if (field.length > 0) return JSON.stringify(Object.fromEntries(field));
  if (body === undefined) return undefined;
  const from = body === '-' ? 'standard input' : body;
  try {
    const content = body === '-' ? await text(ctx.io.stdin) : await readFile(body, 'utf8');
    JSON.parse(content);
    return content;
  } catch (error) {
    throw new CliError(`Cannot read JSON from ${from}`, {
      code: 'body_unreadable',
      why: fileReason(error),
    });
  }
}

import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { type DefineCommand, defineAction } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { CliError } from '../../cli/failure.ts';
import { connect } from '../../client/gateway.ts';
import { type ClientGateway, connectToClient } from '../../client/scope.ts';
import { exitCodes } from '../../exit-codes.ts';
import { changeIn, draftOf } from './draft.ts';
import { edited, editorOf } from './editor.ts';
import { EDITABLE, type Editable, editables } from './nouns.ts';

const MOST_ROUNDS = 5;

/** `leadctl edit NOUN ID`. */
export const defineEdit: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Change something in your editor; refused when it was changed meanwhile',
    args: [
      { name: '<noun>', help: 'what it is', choices: EDITABLE },
      { name: '<id>', help: 'its id, name or e-mail' },
    ],
    input: z.object({ noun: z.enum(EDITABLE), id: z.string() }),
    examples: [
      'leadctl edit destination crm --client acme',
      'EDITOR="code --wait" leadctl edit role manager',
    ],
    run: async (ctx, { noun, id }) => {
      const editor = editorOf(ctx.io);
      const { isOfClient, read } = editables[noun];
      const gateway: ClientGateway = isOfClient
        ? await connectToClient(ctx)
        : { ...(await connect(ctx)), clientId: '' };
      const before = await read(gateway, id);
      const change = await askChange(ctx, editor, before);
      if (Object.keys(change).length === 0) {
        await ctx.note('Nothing was changed');
        return;
      }
      const now = await read(gateway, id);
      if (!isDeepStrictEqual(now.fields, before.fields)) {
        throw new CliError(`The ${before.title} was changed by somebody else meanwhile`, {
          exitCode: exitCodes.conflict,
          code: 'conflict',
          why: 'Nothing of yours was saved.',
          next: `leadctl edit ${noun} ${id} again`,
        });
      }
      await now.save(change);
      await ctx.note(`Changed the ${before.title}: ${Object.keys(change).join(', ')}`);
    },
  });
};

/** Opens the editor until what it leaves is right; off a terminal once. */
async function askChange(
  ctx: CommandContext,
  editor: string,
  before: Editable,
): Promise<Readonly<Record<string, unknown>>> {
  let text = await edited(editor, await draftOf(before));
  for (let round = 1; ; round += 1) {
    const read = await changeIn(text, before);
    if (read.ok) return read.change;
    if (!ctx.io.stdinIsTty || round === MOST_ROUNDS) {
      throw new CliError('What was written is not valid; nothing was changed', {
        code: 'validation_failed',
        why: read.why,
      });
    }
    const marked = read.why.split('\n').map((line) => `# Wrong: ${line}\n`);
    const again = await edited(editor, marked.join('') + text.replaceAll(/^# Wrong: .*\n/gm, ''));
    if (again.replaceAll(/^# Wrong: .*\n/gm, '') === text.replaceAll(/^# Wrong: .*\n/gm, '')) {
      throw new CliError('What was written is not valid; nothing was changed', {
        code: 'validation_failed',
        why: read.why,
      });
    }
    text = again;
  }
}

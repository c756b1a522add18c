import type { CommandContext } from '../../cli/context.ts';
import { write } from '../../io.ts';
import type { View } from '../../ui/render.ts';
import { createStyle, mayColour } from '../../ui/style.ts';

/** Something that belongs to what is described, e.g. the deliveries of a lead. */
export interface Section {
  /** Its name in JSON and YAML. */
  readonly field: string;
  readonly value: (reveal: boolean) => unknown;
  readonly show: (ctx: CommandContext) => Promise<void>;
}

export function section<Row>(field: string, view: View<Row> & { rows: readonly Row[] }): Section {
  return {
    field,
    value: (reveal) =>
      reveal || view.mask === undefined ? view.rows : view.rows.map((row) => view.mask?.(row)),
    show: (ctx) => ctx.render(view),
  };
}

/** One thing whole: all its properties, then each list of what belongs to it; one document as JSON or YAML. */
export async function describe<Item extends object>(
  ctx: CommandContext,
  view: View<Item> & { item: Item },
  sections: readonly Section[],
): Promise<void> {
  const { output, reveal } = ctx.flags;
  // A description leaves nothing out.
  const columns = view.columns.map((column) => ({ ...column, wide: false }));
  if (output === 'table' || output === 'wide') {
    await ctx.render({ ...view, columns });
    const style = createStyle(mayColour(ctx.io.stdoutIsTty, ctx.io.env, !ctx.flags.color));
    for (const { field, show } of sections) {
      const heading = field.replaceAll('_', ' ').toUpperCase();
      await write(ctx.io.stdout, `\n${style.bold(heading)}\n`);
      await show(ctx);
    }
    return;
  }
  const lists = Object.fromEntries(sections.map(({ field, value }) => [field, value(reveal)]));
  const mask = (item: Item): Item => ({ ...(view.mask ? view.mask(item) : item), ...lists });
  const whole: Item = { ...view.item, ...lists };
  await ctx.render({ ...view, columns, item: whole, mask });
}

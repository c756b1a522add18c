import { resolveSettings, type Settings } from '../config/settings.ts';
import type { ConfigStore } from '../config/store.ts';
import { type Io, type Terminal, write } from '../io.ts';
import { type Confirmation, confirm } from '../ui/prompt.ts';
import { render, type View, writeJsonLine } from '../ui/render.ts';
import { mayColour } from '../ui/style.ts';
import { visibleLines } from '../ui/text.ts';
import type { GlobalFlags } from './flags.ts';

/** What the outside gives to a run of leadctl; a test gives its own. */
export interface CliDeps {
  readonly io: Io;
  readonly now: () => Date;
  readonly version: string;
  readonly store: ConfigStore;
  /** Aborted by Ctrl-C or SIGTERM; asking for it is a promise to stop soon once it is. */
  readonly interruption: () => AbortSignal;
}

/** Everything a command works with; it never touches `process`. */
export interface CommandContext extends CliDeps {
  readonly flags: GlobalFlags;
  /** URL, client and token that hold for this run. Reads the configuration, at the first call only. */
  settings(): Promise<Settings>;
  /**
   * The terminal to draw an Ink view on, when a person sits there and asked for no other format:
   * `if (ctx.terminal) { const { TailView } = await import('../ui/views/TailView.tsx'); … }`
   */
  readonly terminal: Terminal | undefined;
  /** Prints a result to stdout in the format asked for. */
  render<Row>(view: View<Row>): Promise<void>;
  /** Prints a value that has no table: as JSON, or as YAML where that was asked for. */
  document(value: unknown): Promise<void>;
  /** Prints one JSON document as one line to stdout. */
  jsonLine(value: unknown): Promise<void>;
  /** A remark for the person, on stderr; not with `--quiet`. */
  note(text: string): Promise<void>;
  /** Returns if the answer is yes, else throws a `CliError` with the right exit code. */
  confirm(asked: Confirmation): Promise<void>;
}

const OF_A_CLIENT = /Try: leadctl (lead|key|member|meta|destination|product attach)\b/;

/** A hint can be pasted as it stands: it names the client that this command was told. */
function withClient<Row>(view: View<Row>, client: string | undefined): View<Row> {
  if (client === undefined || view.empty === undefined || !OF_A_CLIENT.test(view.empty))
    return view;
  return { ...view, empty: `${view.empty} --client ${client}` };
}

export function createCommandContext(deps: CliDeps, flags: GlobalFlags): CommandContext {
  const { io, store } = deps;
  let resolved: Promise<Settings> | undefined;
  const resolve = async (): Promise<Settings> =>
    resolveSettings({ flags, env: io.env, config: await store.config.read() });
  const options = {
    format: flags.output,
    colour: mayColour(io.stdoutIsTty, io.env, !flags.color),
    reveal: flags.reveal,
    quiet: flags.quiet,
    pick: { columns: flags.columns, sortBy: flags.sortBy, jq: flags.jq },
  };
  return {
    ...deps,
    flags,
    settings: () => (resolved ??= resolve()),
    terminal: flags.output === 'table' ? io.terminal : undefined,
    render: (view) => render(io, withClient(view, flags.client), { ...options, now: deps.now() }),
    document: (item) =>
      render(
        io,
        { item, columns: [], name: String },
        { ...options, format: flags.output === 'yaml' ? 'yaml' : 'json', now: deps.now() },
      ),
    jsonLine: (value) => writeJsonLine(io, value),
    note: async (text) => {
      if (!flags.quiet) await write(io.stderr, `${visibleLines(text)}\n`);
    },
    confirm: (asked) => confirm(io, asked, flags.yes),
  };
}

import type { DefineCommand } from './command.ts';

export interface Noun {
  readonly name: string;
  readonly summary: string;
  /** Heading in `leadctl --help`. */
  readonly group: string;
  /** Imports the noun's module; done only when the noun is used. Not listed while there is none. */
  readonly load?: () => Promise<DefineCommand>;
}

const WHOLE = 'Whole set-ups:';
const TOOL = 'This tool:';

/** What is about whole set-ups, and about this tool itself. */
export const toolNouns: readonly Noun[] = [
  {
    name: 'apply',
    summary: 'Make a manifest true',
    group: WHOLE,
    load: async () => (await import('../commands/apply/index.ts')).defineApply,
  },
  {
    name: 'diff',
    summary: 'Show what apply would change',
    group: WHOLE,
    load: async () => (await import('../commands/diff.ts')).defineDiff,
  },
  {
    name: 'export',
    summary: 'Write a manifest of what is there',
    group: WHOLE,
    load: async () => (await import('../commands/export.ts')).defineExport,
  },
  {
    name: 'edit',
    summary: 'Change something in your editor',
    group: TOOL,
    load: async () => (await import('../commands/edit/index.ts')).defineEdit,
  },
  {
    name: 'api',
    summary: 'Send any request',
    group: TOOL,
    load: async () => (await import('../commands/api/index.ts')).defineApi,
  },
  {
    name: 'explain',
    summary: 'What the API has, field by field',
    group: TOOL,
    load: async () => (await import('../commands/explain.ts')).defineExplain,
  },
  {
    name: 'open',
    summary: 'Open a page of the platform in a browser',
    group: TOOL,
    load: async () => (await import('../commands/open.ts')).defineOpen,
  },
  {
    name: 'version',
    summary: 'Versions of this tool and of the gateway',
    group: TOOL,
    load: async () => (await import('../commands/version.ts')).defineVersion,
  },
  {
    name: 'context',
    summary: 'Stored gateways and the client one means there',
    group: TOOL,
    load: async () => (await import('../commands/context/index.ts')).defineContext,
  },
  {
    name: 'completion',
    summary: 'Completion for bash, zsh and fish',
    group: TOOL,
    load: async () => (await import('../commands/completion/index.ts')).defineCompletion,
  },
];

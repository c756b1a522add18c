import type { Command, Option } from 'commander';
import { nouns } from '../cli/nouns.ts';
import { type CommandDoc, commandTree } from './tree.ts';

const INTRODUCTION = `# leadctl

The operator's tool: \`leadctl <noun> <verb>\`. \`leadctl help <command>\` says the same as this page.

Results go to stdout, remarks and errors to stderr. On a terminal a result is a table or a live view; in a
pipe or a file it is never coloured, animated or cut, and nothing is ever asked: a question that has no
answer ends the command with exit code 2 and names the flag that answers it. Personal data is masked
unless \`--reveal\` is given.`;

const ENVIRONMENT = `## Environment

| variable | what it says |
| --- | --- |
| \`LEADCTL_URL\` | gateway to talk to, as \`--url\` |
| \`LEADCTL_CLIENT\` | client to work on, as \`--client\` |
| \`LEADCTL_TOKEN\` | access or machine token to use as it is, instead of a stored login |
| \`LEADCTL_API_KEY\` | API key that \`lead ingest\` and \`lead import\` send |
| \`LEADCTL_SANDBOX_URL\` | provider sandbox to steer, as \`--sandbox-url\` |
| \`LEADCTL_CONFIG_DIR\` | where contexts and logins are kept (\`~/.config/leadctl\`) |
| \`LEADCTL_DEBUG\` | any value: errors come with their stack |
| \`NO_COLOR\` | any value: no colours, as \`--no-color\` |

A flag goes before the environment, the environment before the context, the context before the default.`;

const EXIT_CODES = `## Exit codes

| code | meaning |
| --- | --- |
| 0 | ok; of \`diff\`: nothing would change |
| 1 | failed; of \`status\`, \`can-i\`, \`hierarchy check\` and \`integration test\` also: no |
| 2 | the command line cannot be understood, or a question found nobody to answer it; of \`diff\`: there are changes |
| 3 | cancelled: the answer to a question was no |
| 4 | not logged in, or not allowed |
| 5 | not found |
| 6 | conflict with what is there |
| 7 | partly done; what was done and what was not is said |
| 130 | interrupted |`;

/** The whole of leadctl as one page of Markdown, from the definitions of its commands. */
export async function referencePage(): Promise<string> {
  const { root, commands } = await commandTree();
  const groups = new Map<string, CommandDoc[]>();
  for (const { name, group } of nouns) {
    const own = commands.filter(({ command }) => nounOf(command).name() === name);
    if (own.length > 0) groups.set(group, [...(groups.get(group) ?? []), ...own]);
  }
  const sections = [...groups].map(([group, docs]) =>
    [`## ${group.replace(/:$/, '')}`, ...docs.map(commandSection)].join('\n\n'),
  );
  return `${[
    INTRODUCTION,
    `## Options of every command\n\n${optionTable(root.options)}`,
    ENVIRONMENT,
    EXIT_CODES,
    ...sections,
  ].join('\n\n')}\n`;
}

function nounOf(command: Command): Command {
  return command.parent?.parent ? nounOf(command.parent) : command;
}

function commandSection({ path, command, examples, acts }: CommandDoc): string {
  const heading = `### ${path}\n\n${sentence(command.description())}`;
  if (!acts) return heading;
  const usage = `${path} ${command.usage()}`.trim();
  const aliases = command.aliases();
  const args = command.registeredArguments.map((argument) => {
    const name = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
    return row(name, argument.description, argument.argChoices);
  });
  const options = command.options.filter((option) => !option.hidden);
  return [
    heading,
    ...(aliases.length > 0 ? [`Also: ${aliases.map((alias) => `\`${alias}\``).join(', ')}`] : []),
    `\`\`\`\n${usage}\n\`\`\``,
    ...(args.length > 0 ? [`| argument | |\n| --- | --- |\n${args.join('\n')}`] : []),
    ...(options.length > 0 ? [optionTable(options)] : []),
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map(({ flags, description, argChoices }) =>
    row(flags, description, argChoices),
  );
  return `| option | |\n| --- | --- |\n${rows.join('\n')}`;
}

function row(name: string, help: string, choices: readonly string[] | undefined): string {
  const fixed = choices === undefined ? '' : ` (${choices.join(', ')})`;
  return `| \`${name.replaceAll('|', '\\|')}\` | ${(help + fixed).replaceAll('|', '\\|')} |`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

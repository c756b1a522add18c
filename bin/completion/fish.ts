import { ASKED_OF, caseTables, quoted } from './cases.ts';
import type { Candidate, CommandNode, Values } from './tree.ts';

/** One function prints what fits at the cursor, with descriptions after a tab. */
export function fishScript(tree: CommandNode[]): string {
  const { valued, deeper, children, options, values } = caseTables(tree);
  return `# fish completion for leadctl
function __leadctl_candidates
    set -l where ''
    set -l option ''
    set -l operands 0
    set -l given
    set -l current (commandline -ct)
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            contains -- $option ${ASKED_OF.join(' ')}; and set -a given $option $word
            set option ''
            continue
        end
        switch "$where:$word"
            case ${valued.map(quoted).join(' ')}
                set option $word
            case '*:-*'
            case ${deeper.map(quoted).join(' ')}
                set where (string trim "$where $word")
            case '*'
                set operands (math $operands + 1)
        end
    end
    if test -z "$option"; and string match -q -- '-*' "$current"
        switch "$where"
${entries(options, described)}
        end
        return
    end
    set -l place $operands
    if test -n "$option"
        set place $option
    else
        switch "$where"
${entries(children, described)}
        end
    end
    switch "$where:$place"
${entries(values, valueWords)}
    end
end
complete -c leadctl -f -a '(__leadctl_candidates)'
`;
}

function entries<T>(table: ReadonlyMap<string, T>, body: (value: T) => readonly string[]): string {
  return [...table]
    .flatMap(([place, value]) => [
      `            case ${quoted(place)}`,
      ...body(value).map((line) => `                ${line}`),
    ])
    .join('\n');
}

function described(list: readonly Candidate[]): string[] {
  return list.map(({ word, help }) => `printf '%s\\t%s\\n' ${quoted(word)} ${quoted(help)}`);
}

function valueWords({ words, live, files }: Values): string[] {
  return [
    ...(words.length > 0 ? [`printf '%s\\n' ${words.map(quoted).join(' ')}`] : []),
    ...(live === undefined ? [] : [`leadctl __complete ${live} $given 2>/dev/null`]),
    ...(files ? ['__fish_complete_path $current'] : []),
  ];
}

import { ASKED_OF, caseTables, quoted } from './cases.ts';
import type { Candidate, CommandNode, Values } from './tree.ts';

/** Words are compared one by one: `compgen -W` would expand a `$(…)` in a value that came from elsewhere. */
export function bashScript(tree: CommandNode[]): string {
  const { valued, deeper, children, options, values } = caseTables(tree);
  return `# bash completion for leadctl
_leadctl() {
  local current=\${COMP_WORDS[COMP_CWORD]} where='' option='' live='' files='' word at operands=0
  local -a candidates=() given=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [[ -n $option ]]; then
      [[ $word == = ]] && continue
      case "$option" in ${ASKED_OF.join('|')}) given+=("$option" "$word") ;; esac
      option=''
      continue
    fi
    case "$where:$word" in
      ${valued.map(quoted).join('|')}) option=$word ;;
      *:-*) ;;
      ${deeper.map(quoted).join('|')}) where="\${where:+$where }$word" ;;
      *) operands=$((operands + 1)) ;;
    esac
  done
  if [[ -z $option && $current == -* ]]; then
    case "$where" in
${entries(options, candidateWords)}
    esac
  else
    if [[ -z $option ]]; then
      case "$where" in
${entries(children, candidateWords)}
      esac
    fi
    case "$where:\${option:-$operands}" in
${entries(values, valueWords)}
    esac
  fi
  COMPREPLY=()
  if [[ -n $live ]]; then
    while IFS= read -r word; do candidates+=("$word"); done < <(leadctl __complete "$live" "\${given[@]}" 2>/dev/null)
  fi
  for word in "\${candidates[@]}"; do
    [[ $word == "$current"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
  done
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
  fi
}
complete -F _leadctl leadctl
`;
}

function entries<T>(table: ReadonlyMap<string, T>, body: (value: T) => string): string {
  return [...table].map(([place, value]) => `      ${quoted(place)}) ${body(value)} ;;`).join('\n');
}

function candidateWords(list: readonly Candidate[]): string {
  return `candidates=(${list.map(({ word }) => quoted(word)).join(' ')})`;
}

function valueWords({ words, live, files }: Values): string {
  return [
    ...(words.length > 0 ? [`candidates+=(${words.map(quoted).join(' ')})`] : []),
    ...(live === undefined ? [] : [`live=${quoted(live)}`]),
    ...(files ? ['files=yes'] : []),
  ].join('; ');
}

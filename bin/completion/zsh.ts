import { ASKED_OF, caseTables, quoted } from './cases.ts';
import type { Candidate, CommandNode, Values } from './tree.ts';

/** Works from `fpath` (as `_leadctl`) and when sourced after `compinit`. */
export function zshScript(tree: CommandNode[]): string {
  const { valued, deeper, children, options, values } = caseTables(tree);
  return `#compdef leadctl
_leadctl() {
  local where='' option='' live='' files='' word current=\${words[CURRENT]}
  local -i at operands=0
  local -a candidates found given
  for ((at = 2; at < CURRENT; at++)); do
    word=\${words[at]}
    if [[ -n $option ]]; then
      case "$option" in (${ASKED_OF.join('|')}) given+=("$option" "$word") ;; esac
      option=''
      continue
    fi
    case "$where:$word" in
      (${valued.map(quoted).join('|')}) option=$word ;;
      (*:-*) ;;
      (${deeper.map(quoted).join('|')}) where="\${where:+$where }$word" ;;
      (*) operands=$((operands + 1)) ;;
    esac
  done
  if [[ -z $option && $current == -* ]]; then
    case "$where" in
${entries(options, described)}
    esac
  else
    if [[ -z $option ]]; then
      case "$where" in
${entries(children, described)}
      esac
    fi
    case "$where:\${option:-$operands}" in
${entries(values, valueWords)}
    esac
  fi
  if [[ -n $live ]]; then
    found=(\${(f)"$(leadctl __complete $live $given 2>/dev/null)"})
    candidates+=(\${found//:/\\\\:})
  fi
  (( \${#candidates} )) && _describe 'leadctl' candidates
  [[ -n $files ]] && _files
}
if [[ \${funcstack[1]} == _leadctl ]]; then
  _leadctl "$@"
else
  compdef _leadctl leadctl
fi
`;
}

function entries<T>(table: ReadonlyMap<string, T>, body: (value: T) => string): string {
  return [...table]
    .map(([place, value]) => `      (${quoted(place)}) ${body(value)} ;;`)
    .join('\n');
}

function described(list: readonly Candidate[]): string {
  return `candidates=(${list.map(({ word, help }) => quoted(`${word}:${help}`)).join(' ')})`;
}

function valueWords({ words, live, files }: Values): string {
  return [
    ...(words.length > 0 ? [`candidates+=(${words.map(quoted).join(' ')})`] : []),
    ...(live === undefined ? [] : [`live=${quoted(live)}`]),
    ...(files ? ['files=yes'] : []),
  ].join('; ');
}

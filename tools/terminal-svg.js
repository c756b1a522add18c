import stringWidth from 'string-width';

const CELL = 8.4;
const LINE = 18;
const MARGIN = 14;
const BACKGROUND = '#14171c';
const FOREGROUND = '#d6dae0';
const COLOURS = [
  '#2b3038',
  '#f07178',
  '#8fce8b',
  '#e6c26b',
  '#7aa7f0',
  '#c792ea',
  '#6fcbd8',
  '#d6dae0',
];
const BRIGHT = [
  '#6b7480',
  '#ff8b92',
  '#a9e5a5',
  '#ffd98a',
  '#9cc0ff',
  '#ddb0ff',
  '#93e4ef',
  '#ffffff',
];

/** A terminal's screen, as `tmux capture-pane -e` prints it, as an SVG of that many cells. */
export function svgOf(screen, { columns, rows }) {
  const width = columns * CELL + 2 * MARGIN;
  const height = rows * LINE + 2 * MARGIN;
  const parts = screen
    .replace(/\n$/, '')
    .split('\n')
    .slice(0, rows)
    .flatMap((line, row) => lineOf(line, row));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function lineOf(line, row) {
  const parts = [];
  let style = {};
  let column = 0;
  // oxlint-disable-next-line no-control-regex -- what a terminal is told
  for (const [, codes, text] of line.matchAll(/\u001b\[([\d;]*)m|([^\u001b]+)/g)) {
    if (codes !== undefined) style = styled(style, codes);
    if (text === undefined) continue;
    const cells = stringWidth(text);
    parts.push(...runOf(text, { style, cells, row, column }));
    column += cells;
  }
  return parts;
}

function runOf(text, { style, cells, row, column }) {
  const x = (MARGIN + column * CELL).toFixed(1);
  const y = MARGIN + row * LINE;
  const length = (cells * CELL).toFixed(1);
  const fill = style.inverse ? BACKGROUND : (style.colour ?? FOREGROUND);
  const back = style.inverse ? (style.colour ?? FOREGROUND) : style.background;
  const box = back
    ? [`<rect x="${x}" y="${y}" width="${length}" height="${LINE}" fill="${back}"/>`]
    : [];
  if (text.trim() === '') return box;
  const look = `${style.bold ? ' font-weight="bold"' : ''}${style.dim ? ' opacity="0.6"' : ''}`;
  return [
    ...box,
    `<text x="${x}" y="${y + 13}" fill="${fill}"${look} textLength="${length}" xml:space="preserve">${escaped(text)}</text>`,
  ];
}

/** SGR (ECMA-48, 8.3.117), as much of it as leadctl uses. */
function styled(before, codes) {
  let style = before;
  for (const code of codes === '' ? [0] : codes.split(';').map(Number)) {
    if (code === 0) style = {};
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 22) style = { ...style, bold: false, dim: false };
    else if (code === 7) style = { ...style, inverse: true };
    else if (code === 27) style = { ...style, inverse: false };
    else if (code >= 30 && code <= 37) style = { ...style, colour: COLOURS[code - 30] };
    else if (code === 39) style = { ...style, colour: undefined };
    else if (code >= 40 && code <= 47) style = { ...style, background: COLOURS[code - 40] };
    else if (code === 49) style = { ...style, background: undefined };
    else if (code >= 90 && code <= 97) style = { ...style, colour: BRIGHT[code - 90] };
  }
  return style;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

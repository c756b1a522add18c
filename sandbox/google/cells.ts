/** What a cell can hold; an empty one is undefined. */
export type CellValue = string | number | boolean;
export type Cell = CellValue | undefined;

export type ValueInputOption = 'RAW' | 'USER_ENTERED';
export type ValueRenderOption = 'FORMATTED_VALUE' | 'UNFORMATTED_VALUE' | 'FORMULA';

/** Stands for a formula that ran: whoever wrote untrusted text with USER_ENTERED finds it in the sheet. */
const EVALUATED = '#EVALUATED!';

/** A value as it is stored: RAW as it came, USER_ENTERED as if somebody had typed it. */
export function enter(value: CellValue, option: ValueInputOption): Cell {
  if (value === '') return undefined;
  if (option === 'RAW' || typeof value !== 'string') return value;
  if (value.startsWith('=')) return `${EVALUATED} ${value}`;
  if (value.startsWith("'")) return value.slice(1);
  if (/^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  return asNumber(value.trim()) ?? asDateSerial(value.trim()) ?? value;
}

/** `+1555` loses its sign, `007` its zeros, `1,500` its comma: what typing them does. */
function asNumber(text: string): number | undefined {
  if (!/^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:e[+-]?\d+)?%?$/i.test(text)) return undefined;
  const number = Number(text.replaceAll(',', '').replace(/%$/, ''));
  return text.endsWith('%') ? number / 100 : number;
}

const DAY_MS = 86_400_000;
const SERIAL_OF_1970 = 25_569;

function asDateSerial(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(at) ? undefined : at / DAY_MS + SERIAL_OF_1970;
}

export function render(cell: Cell, option: ValueRenderOption): CellValue {
  if (cell === undefined) return '';
  if (option !== 'FORMATTED_VALUE') return cell;
  return typeof cell === 'boolean' ? String(cell).toUpperCase() : String(cell);
}

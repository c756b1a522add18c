import type { sandboxContract } from '../../../sandbox/contract.ts';
import type { Answer } from '../../client/answer.ts';
import type { Cell, Column } from '../../ui/columns.ts';
import { maskName, maskPhone, maskText } from '../../ui/mask.ts';
import { hidePayload } from '../../ui/mask-payload.ts';

type Sandbox = typeof sandboxContract;
type Message = Answer<Sandbox, 'listMessages', 200>['data'][number];
type Request = Answer<Sandbox, 'listRequests', 200>['data'][number];
type Fault = Answer<Sandbox, 'listFaults', 200>['data'][number];
export type Sheet = Answer<Sandbox, 'readSheet', 200>;

const messageColumns: readonly Column<Message>[] = [
  { header: 'ID', value: (row) => row.id, id: true },
  { header: 'AGE', exactHeader: 'AT', value: (row) => new Date(row.at) },
  { header: 'TO', value: (row) => row.to, keep: true },
  { header: 'STATUS', value: (row) => row.status },
  { header: 'TYPE', value: (row) => row.type, wide: true },
  { header: 'DELIVERY', value: (row) => row.biz_opaque_callback_data, wide: true },
  { header: 'TEXT', value: (row) => row.text },
];

export const messageView = {
  columns: messageColumns,
  name: (row: Message) => row.id,
  mask: (row: Message): Message => ({
    ...row,
    to: maskPhone(row.to),
    wa_id: maskPhone(row.wa_id),
    text: '***',
    template: row.template && {
      name: row.template['name'],
      components: hidePayload(row.template['components']),
    },
  }),
  empty: 'No message was accepted yet.',
};

const requestColumns: readonly Column<Request>[] = [
  { header: 'ID', value: (row) => row.id, id: true, align: 'right' },
  { header: 'AGE', exactHeader: 'AT', value: (row) => new Date(row.at) },
  { header: 'PROVIDER', value: (row) => row.provider },
  { header: 'OPERATION', value: (row) => row.operation },
  { header: 'STATUS', value: (row) => row.status, align: 'right' },
  { header: 'FAULT', value: (row) => row.fault },
  { header: 'SUBJECT', value: (row) => row.subject },
  { header: 'METHOD', value: (row) => row.method, wide: true },
  { header: 'PATH', value: (row) => row.path, wide: true },
];

export const requestView = {
  columns: requestColumns,
  name: (row: Request) => String(row.id),
  empty: 'No request reached a provider yet.',
};

const faultColumns: readonly Column<Fault>[] = [
  { header: 'ID', value: (row) => row.id, id: true, wide: true },
  { header: 'PROVIDER', value: (row) => row.provider },
  { header: 'OPERATION', value: (row) => row.operation ?? 'all' },
  { header: 'EFFECT', value: (row) => effectOf(row), keep: true },
  { header: 'RATE', value: (row) => row.rate ?? 1, align: 'right' },
  { header: 'LEFT', value: (row) => row.times ?? 'for ever' },
  { header: 'HITS', value: (row) => row.hits, align: 'right' },
];

export const faultView = {
  columns: faultColumns,
  name: (row: Fault) => row.id,
  empty: 'No fault is in force.',
};

function effectOf(fault: Fault): string {
  const { status, code, delay_ms, hang_after_accept, fail_after_accept, reset } = fault;
  return [
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(code === undefined ? [] : [`code ${code}`]),
    ...(delay_ms === undefined ? [] : [`${delay_ms} ms late`]),
    ...(hang_after_accept ? ['works, never answers'] : []),
    ...(fail_after_accept ? ['works, answers an error'] : []),
    ...(reset ? ['drops the connection'] : []),
  ].join(', ');
}

type SheetRow = Sheet['values'][number];

/** The first row names the columns; cells beyond it are named by their place. */
export function sheetColumns({ values }: Sheet): Column<SheetRow>[] {
  const [header = []] = values;
  const most = values.reduce((widest, row) => Math.max(widest, row.length), 0);
  return Array.from({ length: most }, (_none, at) => ({
    header: String(header[at] ?? '') || `COLUMN ${at + 1}`,
    value: (row: SheetRow): Cell => row[at],
  }));
}

/** Names by their column, addresses and numbers wherever they stand; ids and times stay. */
export function maskSheet(sheet: Sheet): Sheet {
  const [header = [], ...rows] = sheet.values;
  const maskCell = (cell: SheetRow[number], title: string): SheetRow[number] => {
    if (typeof cell !== 'string' || FINDS.test(title)) return cell;
    return /name/i.test(title) ? maskName(cell) : maskText(cell);
  };
  const masked = rows.map((row) => row.map((cell, at) => maskCell(cell, String(header[at] ?? ''))));
  return { ...sheet, values: sheet.values.length === 0 ? [] : [header, ...masked] };
}

const FINDS = /(^|_)(id|at)$/;

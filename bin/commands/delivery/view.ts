import { integrationContract } from '../../../daemons/integration/contract.ts';
import type { Answer } from '../../client/answer.ts';
import type { Column } from '../../ui/columns.ts';
import { maskText } from '../../ui/mask.ts';

const filters = integrationContract.routes.listDeliveries.query.shape;
export const STATUSES = filters.status.unwrap().options;

type DeliveryWithAttempts = Answer<typeof integrationContract, 'getDelivery', 200>;
type Delivery = Omit<DeliveryWithAttempts, 'attempt_log'>;

const columns: readonly Column<Delivery>[] = [
  { header: 'ID', value: (row) => row.id, id: true },
  { header: 'AGE', exactHeader: 'CREATED AT', value: (row) => new Date(row.created_at) },
  { header: 'LEAD', value: (row) => row.lead_id, id: true },
  { header: 'DESTINATION', value: (row) => row.destination.name, keep: true },
  { header: 'KIND', value: (row) => row.integration, wide: true },
  { header: 'STATUS', value: (row) => row.status, keep: true },
  { header: 'TRIES', value: (row) => row.attempts, align: 'right' },
  { header: 'NEXT', value: (row) => date(row.next_attempt_at) },
  { header: 'ERROR', value: ({ last_error }) => errorText(last_error), wrap: true },
  { header: 'REFERENCE', value: (row) => row.provider_reference, wide: true },
  { header: 'PROVIDER STATUS', value: (row) => row.provider_status, wide: true },
  { header: 'DELIVERED', value: (row) => date(row.delivered_at), wide: true },
];

export const deliveryView = {
  columns,
  name: (row: Delivery) => row.id,
  // A provider's own words may repeat the number it was given.
  mask: <Row extends Delivery>(row: Row): Row => ({
    ...row,
    last_error: row.last_error && {
      ...row.last_error,
      message: maskText(row.last_error.message),
    },
  }),
  empty: 'No deliveries found.',
};

type Attempt = DeliveryWithAttempts['attempt_log'][number];

export const attemptColumns: readonly Column<Attempt>[] = [
  { header: 'ATTEMPT', value: (row) => row.number, align: 'right' },
  { header: 'AGE', exactHeader: 'STARTED AT', value: (row) => new Date(row.started_at) },
  { header: 'MS', value: (row) => row.duration_ms, align: 'right' },
  { header: 'OUTCOME', value: (row) => row.outcome },
  { header: 'CODE', value: (row) => row.code },
  { header: 'MESSAGE', value: (row) => row.message && maskText(row.message), wrap: true },
];

function errorText(error: Delivery['last_error']): string | null {
  return error === null ? null : `${error.code}: ${error.message}`;
}

function date(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

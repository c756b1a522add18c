import {
  type INTEGRATIONS,
  integrationContract,
  type Integrations,
} from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import type { Answer } from '../../client/answer.ts';
import { releaseCommand } from '../../doctor/destinations.ts';
import { maskText } from '../../ui/mask.ts';
import { type ConsoleEnv, inClient } from '../env.ts';
import { confirmation } from '../form.ts';
import { type Action, defineResource, type DetailLine } from '../resource.ts';

type Lane = Answer<typeof integrationContract, 'summariseDeliveries', 200>['lanes'][number];
type Name = (typeof INTEGRATIONS)[number];

interface Row {
  readonly name: Name;
  readonly isOn: boolean | undefined;
  readonly account: string | null;
  readonly secret: boolean;
  readonly lane: Lane | undefined;
}

const BASE = '/api/clients/{client_id}/integrations';

export const integrations = defineResource<Row>({
  name: 'integrations',
  aliases: ['integration', 'lanes'],
  title: 'Integrations',
  summary: 'where leads go: switch, test, release what is held',
  isOfClient: true,
  isLive: true,
  needs: ['GET', BASE],
  columns: [
    { header: 'NAME', value: (row) => row.name, keep: true },
    {
      header: 'IS',
      value: ({ isOn }) => (isOn === undefined ? '-' : isOn ? 'on' : 'off'),
      keep: true,
    },
    { header: 'LANE', value: (row) => laneText(row.lane), keep: true },
    { header: 'WAIT', value: ({ lane }) => lane?.waiting, align: 'right' },
    { header: 'ACCOUNT', value: (row) => row.account },
    { header: 'SECRET', value: (row) => (row.secret ? 'set' : 'not set') },
    { header: 'WHY', value: ({ lane }) => why(lane) },
  ],
  id: ({ name }) => name,
  weigh: ({ lane, isOn }) =>
    lane?.held_at ? 'bad' : lane?.paused_until ? 'warning' : isOn === false ? 'warning' : 'usual',
  load: async (env) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId };
    const api = gateway.of(integrationContract);
    const [settings, summary] = await Promise.all([
      api.call('getIntegrations', { params }).then(bodyOf),
      api.call('summariseDeliveries', { params }),
    ]);
    return { items: rowsOf(settings, summary.ok ? summary.body.lanes : []), more: false };
  },
  detail: async (env, { name }) => await testLines(env, name),
  actions: (env, row) => [testing(env, row), ...switching(env, row), ...releasing(env, row)],
});

function rowsOf(settings: Integrations, lanes: readonly Lane[]): Row[] {
  const { config } = settings;
  const laneOf = (name: Name): Lane | undefined => lanes.find((one) => one.integration === name);
  return [
    {
      name: 'whatsapp',
      isOn: settings.whatsapp_enabled,
      account: config.whatsapp.phone_number_id,
      secret: config.whatsapp.access_token !== null,
      lane: laneOf('whatsapp'),
    },
    {
      name: 'google_sheets',
      isOn: settings.google_sheets_enabled,
      account: settings.google_sheet_id,
      secret: config.google_sheets.service_account !== null,
      lane: laneOf('google_sheets'),
    },
    {
      name: 'meta',
      isOn: undefined,
      account: settings.meta_page_id,
      secret: config.meta.page_access_token !== null,
      lane: undefined,
    },
  ];
}

function laneText(lane: Lane | undefined): string | null {
  if (lane === undefined) return null;
  if (lane.held_at !== null) return `held (${lane.held_code ?? ''})`;
  return lane.paused_until === null ? 'open' : 'pauses';
}

function why(lane: Lane | undefined): string | null {
  if (lane?.held_message) return maskText(lane.held_message);
  return lane?.paused_until ? `until ${lane.paused_until}` : null;
}

/** The provider's own answers, asked for now. */
async function testLines(env: ConsoleEnv, integration: Name): Promise<DetailLine[]> {
  if (!env.may('POST', `${BASE}/{integration}/test`)) return [];
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, integration };
  const { checks } = bodyOf(
    await gateway.of(integrationContract).call('testIntegration', { params }),
  );
  return [
    { name: 'What the provider says', text: '', isHeading: true },
    ...checks.flatMap(({ name, status, message, remedy }) => [
      { name, text: `${status}: ${message}` },
      ...(remedy === null ? [] : [{ name: '', text: `→ ${remedy}` }]),
    ]),
  ];
}

function testing(env: ConsoleEnv, { name }: Row): Action {
  const { clientId } = inClient(env);
  return {
    label: 'Test against the provider',
    needs: ['POST', `${BASE}/{integration}/test`],
    form: () =>
      confirmation({
        title: `Ask the provider whether ${name} works?`,
        command: `leadctl integration test ${name} --client ${clientId}`,
        submit: async () => {
          const lines = await testLines(env, name);
          const told = lines.slice(1).map((line) => `${line.name}  ${line.text}`.trim());
          return [`Tested ${name}`, ...told].join('\n');
        },
      }),
  };
}

function switching(env: ConsoleEnv, { name, isOn }: Row): Action[] {
  if (name === 'meta') return [];
  const { gateway, clientId } = inClient(env);
  const to = isOn === true ? 'off' : 'on';
  return [
    {
      label: `Switch ${to}`,
      severe: to === 'off',
      needs: ['PATCH', BASE],
      form: () =>
        confirmation({
          title: `Switch ${name} ${to} for ${clientId}?`,
          command: `leadctl integration set --${name === 'whatsapp' ? 'whatsapp' : 'sheets'} ${to} --client ${clientId}`,
          submit: async () => {
            const params = { client_id: clientId };
            const body =
              name === 'whatsapp'
                ? { whatsapp_enabled: to === 'on' }
                : { google_sheets_enabled: to === 'on' };
            bodyOf(
              await gateway.of(integrationContract).call('patchIntegrations', { params, body }),
            );
            return `${name} is ${to}`;
          },
        }),
    },
  ];
}

function releasing(env: ConsoleEnv, { name, lane }: Row): Action[] {
  if (name === 'meta' || lane === undefined || lane.held_at === null) return [];
  const { gateway, clientId } = inClient(env);
  return [
    {
      label: 'Release what is held',
      needs: ['POST', '/api/clients/{client_id}/destinations/{destination_id}/release'],
      form: () =>
        confirmation({
          title: `Try the ${lane.waiting} that wait for ${lane.destination.name} again?`,
          command: releaseCommand(clientId, lane.destination.name),
          submit: async () => {
            const params = { client_id: clientId, destination_id: lane.destination.id };
            const { released } = bodyOf(
              await gateway.of(integrationContract).call('releaseDestination', { params }),
            );
            return `${released} are tried again`;
          },
        }),
    },
  ];
}

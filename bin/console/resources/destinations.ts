import * as z from 'zod';
import {
  type ChangedDestination,
  type DestinationKind,
  integrationContract,
  type ShownDestination,
} from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { CliError } from '../../cli/failure.ts';
import { moment } from '../../cli/specs.ts';
import { listUpTo } from '../../client/paging.ts';
import {
  destinationView,
  madeSecrets,
  stateOf,
  wholeView,
} from '../../commands/destination/view.ts';
import { destinationForm } from '../destination-form.ts';
import { type ConsoleEnv, inClient } from '../env.ts';
import { confirmation, formFor, option, word } from '../form.ts';
import { type Action, defineResource, propertyLines } from '../resource.ts';
import { MOST } from './most.ts';

const LIST = '/api/clients/{client_id}/destinations';
const ONE = `${LIST}/{destination_id}`;

export const destinations = defineResource<ShownDestination>({
  name: 'destinations',
  aliases: ['destination', 'dest'],
  title: 'Destinations',
  summary: 'where leads go: create, change, test, release, backfill, remove',
  isOfClient: true,
  isLive: true,
  needs: ['GET', LIST],
  columns: destinationView.columns,
  mask: destinationView.mask,
  id: ({ id }) => id,
  weigh: (row) => (stateOf(row) === 'on' ? 'usual' : stateOf(row) === 'off' ? 'warning' : 'bad'),
  load: (env) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId };
    return listUpTo(
      (query) => gateway.of(integrationContract).call('listDestinations', { params, query }),
      MOST,
    );
  },
  detail: async (_env, row) =>
    propertyLines(
      wholeView(row).columns.filter(({ header }) => /^(settings|secrets)\./.test(header)),
      row,
    ),
  create: async (env) => (await kindsOf(env)).map((kind) => creating(env, kind)),
  actions: (env, row) => [
    testing(env, row),
    ...(row.held.length > 0 ? [releasing(env, row)] : []),
    changing(env, row),
    backfilling(env, row),
    switching(env, row),
    removing(env, row),
  ],
});

/** Whoever may not ask which kinds there are is offered none. */
async function kindsOf({ gateway }: ConsoleEnv): Promise<readonly DestinationKind[]> {
  const answer = await gateway.of(integrationContract).call('listDestinationKinds', {});
  return answer.ok ? answer.body : [];
}

function creating(env: ConsoleEnv, kind: DestinationKind): Action {
  const { gateway, clientId } = inClient(env);
  return {
    label: `Create: ${kind.title}`,
    needs: ['POST', LIST],
    form: () =>
      destinationForm({
        kind,
        clientId,
        submit: async ({ name, on, settings, secrets }) => {
          const params = { client_id: clientId };
          const body = { name, kind: kind.kind, on, settings: withoutCleared(settings), secrets };
          const api = gateway.of(integrationContract);
          const made = bodyOf(await api.call('createDestination', { params, body, query: {} }));
          return [
            `Made ${made.name}`,
            ...madeSecrets(made).flatMap(([secret, value]) => [
              `Its ${secret}; keep it now, it cannot be shown again:`,
              value,
            ]),
            ...warningLines(made),
          ].join('\n');
        },
      }),
  };
}

function changing(env: ConsoleEnv, row: ShownDestination): Action {
  const { gateway, clientId } = inClient(env);
  return {
    label: 'Change its settings or secrets',
    needs: ['PATCH', ONE],
    form: async () => {
      const kind = (await kindsOf(env)).find((one) => one.kind === row.kind);
      if (kind === undefined) throw new CliError(`The platform has no kind ${row.kind}`);
      return destinationForm({
        kind,
        clientId,
        before: row,
        submit: async ({ on, settings, secrets }) => {
          const params = { client_id: clientId, destination_id: row.id };
          const body = { on, settings, ...(Object.keys(secrets).length > 0 ? { secrets } : {}) };
          const api = gateway.of(integrationContract);
          const changed = bodyOf(await api.call('changeDestination', { params, body, query: {} }));
          return [`Changed ${row.name}`, ...warningLines(changed)].join('\n');
        },
      });
    },
  };
}

function withoutCleared(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
}

/** What the check at saving found, with what to do about it. */
function warningLines({ warnings }: Pick<ChangedDestination, 'warnings'>): string[] {
  return warnings.flatMap(({ message, remedy }) => [`Not well: ${message}`, `  → ${remedy}`]);
}

const spans = z.object({
  since: z
    .string()
    .transform(moment(() => new Date()))
    .optional(),
  until: z
    .string()
    .transform(moment(() => new Date()))
    .optional(),
  dry_run: z.boolean().default(true),
});

function backfilling(env: ConsoleEnv, { id, name }: ShownDestination): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, destination_id: id };
  return {
    label: 'Backfill: send it leads that it never got',
    needs: ['POST', `${ONE}/backfill`],
    form: () =>
      formFor({
        title: `Send ${name} the leads that it never got; dry run counts them`,
        schema: spans,
        ask: {
          since: { help: 'leads from then on: 2026-03-01, 24h, 7d' },
          until: { help: 'leads from before then' },
          dry_run: { label: 'dry run', initial: 'yes' },
        },
        command: (values) =>
          `leadctl destination backfill ${word(name)}${option('--since', values['since'])}${option('--until', values['until'])}${values['dry_run'] === 'yes' ? ' --dry-run' : ''} --client ${clientId}`,
        submit: async (typed) => {
          const body = spans.parse(typed);
          const api = gateway.of(integrationContract);
          const done = bodyOf(await api.call('backfillDestination', { params, body }));
          const left = done.remaining === 0 ? '' : `, ${done.remaining} are left: do it again`;
          return done.dry_run
            ? `${done.count + done.remaining} leads would be sent to ${name}`
            : `${done.count} leads are on their way to ${name}${left}`;
        },
      }),
  };
}

function testing(env: ConsoleEnv, { id, name }: ShownDestination): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, destination_id: id };
  return {
    label: 'Test it',
    needs: ['POST', `${ONE}/test`],
    form: () =>
      confirmation({
        title: `Check whether ${name} will work?`,
        command: `leadctl destination test ${word(name)} --client ${clientId}`,
        submit: async () => {
          const api = gateway.of(integrationContract);
          const { checks } = bodyOf(await api.call('testDestination', { params }));
          const told = checks.flatMap((check) => [
            `${check.name}  ${check.status}: ${check.message}`,
            ...(check.remedy === null ? [] : [`  → ${check.remedy}`]),
          ]);
          return [`Tested ${name}`, ...told].join('\n');
        },
      }),
  };
}

function releasing(env: ConsoleEnv, { id, name }: ShownDestination): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, destination_id: id };
  return {
    label: 'Release what is held',
    needs: ['POST', `${ONE}/release`],
    form: () =>
      confirmation({
        title: `Try what waits for ${name} again now?`,
        command: `leadctl destination release ${word(name)} --client ${clientId}`,
        submit: async () => {
          bodyOf(await gateway.of(integrationContract).call('releaseDestination', { params }));
          return `${name} is tried again`;
        },
      }),
  };
}

function switching(env: ConsoleEnv, { id, name, enabled }: ShownDestination): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, destination_id: id };
  return {
    label: enabled ? 'Switch off' : 'Switch on',
    severe: enabled,
    needs: ['PATCH', ONE],
    form: () =>
      confirmation({
        title: `Switch ${name} ${enabled ? 'off' : 'on'} for ${clientId}?`,
        command: `leadctl destination ${enabled ? 'disable' : 'enable'} ${word(name)} --client ${clientId}`,
        submit: async () => {
          const body = { enabled: !enabled };
          const api = gateway.of(integrationContract);
          bodyOf(await api.call('changeDestination', { params, body }));
          return `${name} is ${enabled ? 'off' : 'on'}`;
        },
      }),
  };
}

function removing(env: ConsoleEnv, { id, name, kind }: ShownDestination): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, destination_id: id };
  return {
    label: 'Remove',
    severe: true,
    needs: ['DELETE', ONE],
    form: () =>
      confirmation({
        title: `Remove ${name} (${kind}) from ${clientId}?`,
        command: `leadctl destination rm ${word(name)} --client ${clientId}`,
        submit: async () => {
          bodyOf(await gateway.of(integrationContract).call('removeDestination', { params }));
          return `Removed ${name}`;
        },
      }),
  };
}

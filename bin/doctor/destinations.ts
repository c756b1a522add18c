import type {
  Check,
  DestinationKind,
  DestinationTest,
  ShownDestination,
} from '../../daemons/integration/contract.ts';
import { findingsOf, type Finding } from './finding.ts';

type Kinds = readonly DestinationKind[];

/** That leads go anywhere, that no lane is held, and that nothing was switched off by the platform. */
export function checkDestinations(all: readonly ShownDestination[], clientId: string): Finding[] {
  const { ok, warning, failed } = findingsOf('deliveries');
  const lanes = all.flatMap(({ name, held }) =>
    held.map(({ account, code, message, held_at }) =>
      failed(`lane ${name}`, {
        message: `${name} (${account}) is held since ${held_at} (${code}): ${message} When that is done, release it.`,
        remedy: releaseCommand(clientId, name),
      }),
    ),
  );
  const disabled = all.flatMap(({ name, disabled: why }) =>
    why === null
      ? []
      : [
          findingsOf(layerOf(name)).failed('switched_on', {
            message: `The platform switched ${name} off (${why.code}): ${why.message} Leads that come meanwhile do not go there.`,
            remedy: `leadctl destination enable ${name} --client ${clientId}`,
          }),
        ],
  );
  return [
    all.some(({ enabled }) => enabled)
      ? ok('switched_on', 'Leads go to at least one destination.')
      : warning('switched_on', {
          message: 'Leads are stored, and go nowhere: no destination is switched on.',
          remedy: `leadctl destination create NAME --kind KIND --client ${clientId}`,
        }),
    ...disabled,
    ...(lanes.length > 0 ? lanes : [ok('lanes', 'No lane is held.')]),
  ];
}

/** What waits there is tried again at once, and what holds it is lifted. */
export function releaseCommand(clientId: string, name: string): string {
  return `leadctl destination release ${name} --client ${clientId}`;
}

const layerOf = (name: string): string => `destination ${name}`;

/** Whether the doctor may have it checked: not where people see that. */
export function isCheckable({ kind: name }: ShownDestination, kinds: Kinds): boolean {
  return kinds.find(({ kind }) => kind === name)?.check_is_silent ?? false;
}

export function notLookedAt({ name }: ShownDestination, clientId: string): Finding {
  const remedy = testCommand(clientId, name);
  return findingsOf(layerOf(name)).skipped(
    'test',
    'It was not looked at, since people see its check.',
    remedy,
  );
}

/** The receiver's own answers, as the destination's test gives them. */
export function checkDestinationReport(
  { destination, checks }: DestinationTest,
  kind: DestinationKind | undefined,
  clientId: string,
): Finding[] {
  const { ok, failed, skipped } = findingsOf(layerOf(destination.name));
  return checks.map((check) => {
    const { name, status, message, remedy } = check;
    if (status === 'ok') return ok(name, message);
    if (status === 'skipped') return skipped(name, message, remedy);
    const mends = settingCommand(check, kind, { clientId, name: destination.name });
    return failed(name, {
      message,
      remedy: mends ?? remedy ?? testCommand(clientId, destination.name),
    });
  });
}

/** What is not set, or cannot be opened, is named `kind.field`. Capital words are for the reader to fill in. */
export function settingCommand(
  { name: path, code }: Check,
  kind: DestinationKind | undefined,
  of: { readonly clientId: string; readonly name: string },
): string | undefined {
  if (code !== 'not_configured' && code !== 'secret_unreadable') return undefined;
  const field = path.split('.')[1];
  if (kind === undefined || field === undefined) return undefined;
  const isSecret = kind.secrets.some(({ name }) => name === field);
  const option = isSecret ? `--secret-stdin ${field}` : `--setting ${field}=VALUE`;
  return `leadctl destination set ${of.name} ${option} --client ${of.clientId}`;
}

function testCommand(clientId: string, name: string): string {
  return `leadctl destination test ${name} --client ${clientId}`;
}

import { findingsOf, type Finding } from './finding.ts';

/** What the gateway said of itself, and when it was asked. */
export interface GatewayAnswer {
  readonly isReady: boolean;
  readonly version: string | undefined;
  readonly checks: Readonly<
    Record<
      string,
      {
        readonly status: string;
        readonly detail?: string | undefined;
        readonly version?: string | undefined;
      }
    >
  >;
  /** The gateway's clock, to the second; undefined when it did not say. */
  readonly date: Date | undefined;
  readonly askedAt: Date;
  readonly answeredAt: Date;
}

/** The Date header has whole seconds, so a second says nothing. */
const SKEW_NOTICED_MS = 5_000;
/** Identities that the gateway signs live half a minute. */
const SKEW_BREAKS_MS = 30_000;

/** Readiness, versions and clocks, from what the gateway answered. */
export function checkPlatform(answer: GatewayAnswer, ownVersion: string): Finding[] {
  return [...checkServices(answer), ...checkVersions(answer, ownVersion), checkClock(answer)];
}

function checkServices({ checks, isReady }: GatewayAnswer): Finding[] {
  const { ok, failed } = findingsOf('service');
  const found = Object.entries(checks).map(([name, { status, detail = 'it does not say why' }]) =>
    status === 'ok'
      ? ok(name, 'Ready.')
      : failed(name, { message: `Not ready: ${detail}.`, remedy: remedyFor(name, detail) }),
  );
  const summary = findingsOf('gateway');
  return [
    isReady
      ? summary.ok('ready', 'The gateway is ready.')
      : summary.failed('ready', {
          message: 'The gateway is not ready, a load balancer sends it nothing.',
          remedy: 'See to the services that are not ready.',
        }),
    ...found,
  ];
}

/** The first that fits what the check says; the log where nothing does. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/database|schema cannot|notifications/, 'See whether PostgreSQL runs and has connections left.'],
  [/migrations|leadctl migrate/, 'Run "leadctl migrate" as the database’s owner.'],
  [/jobs/, 'See whether what JOBS_URL names runs.'],
  [/permissions/, 'See that the permission service runs and has the same INTERNAL_SECRET.'],
  [/fetch failed|did not finish|answers/, 'Start it, or correct its <SERVICE>_URL at the gateway.'],
];

function remedyFor(name: string, detail: string): string {
  const known = REMEDIES.find(([pattern]) => pattern.test(detail));
  return known?.[1] ?? `Look into the log of ${name}.`;
}

function checkVersions({ version, checks }: GatewayAnswer, ownVersion: string): Finding[] {
  const { ok, warning, skipped } = findingsOf('version');
  if (version === undefined) return [skipped('gateway', 'The gateway does not tell its version.')];
  const others = Object.entries(checks).flatMap(([name, check]) =>
    check.version === undefined || check.version === version ? [] : [`${name} ${check.version}`],
  );
  const services =
    others.length === 0
      ? ok('services', `All services are of version ${version}.`)
      : warning('services', {
          message: `The gateway is of version ${version}, but: ${others.join(', ')}.`,
          remedy: 'Finish the roll-out, so that all run the same version.',
        });
  const own =
    ownVersion === version
      ? ok('leadctl', `This leadctl is of the same version.`)
      : warning('leadctl', {
          message: `This leadctl is ${ownVersion}, the platform ${version}.`,
          remedy: 'Use the leadctl of the platform’s version.',
        });
  return [services, own];
}

function checkClock({ date, askedAt, answeredAt }: GatewayAnswer): Finding {
  const { ok, warning, failed, skipped } = findingsOf('clock');
  if (date === undefined) return skipped('skew', 'The gateway does not tell its time.');
  const middleMs = (askedAt.getTime() + answeredAt.getTime()) / 2;
  // The header is cut to whole seconds: on average half of one is missing.
  const skewMs = date.getTime() + 500 - middleMs;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const trouble = {
    message: `The gateway’s clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine’s.`,
    remedy: 'Keep both in step with a time service (chrony, systemd-timesyncd).',
  };
  if (Math.abs(skewMs) >= SKEW_BREAKS_MS) return failed('skew', trouble);
  if (Math.abs(skewMs) >= SKEW_NOTICED_MS) return warning('skew', trouble);
  return ok('skew', 'The clocks agree.');
}

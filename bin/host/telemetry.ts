import type { z } from 'zod';
import type { hostSettings } from '../../lib/core/config.ts';
import { stopAll, type Stoppable } from '../../lib/core/lifecycle.ts';
import type { ErrorReports } from '../../lib/telemetry/error-reports.ts';
import { type TracingHost } from '../../lib/telemetry/tracing.ts';
import { openTracing } from '../../lib/telemetry/open-tracing.ts';

/** Where this process's traces and errors go; each is there only when it is configured. */
export interface Telemetry extends Stoppable {
  readonly tracing: TracingHost | undefined;
  readonly reports: ErrorReports | undefined;
}

export async function openTelemetry(
  settings: z.output<typeof hostSettings>,
  version: string,
): Promise<Telemetry> {
  const tracing = await openTracing(settings, version);
  const reports = await openReports(settings, version);
  const parts = [tracing, reports].filter((part) => part !== undefined);
  return { tracing, reports, stop: () => stopAll(parts) };
}

async function openReports(
  { SENTRY_DSN: dsn, SENTRY_ENVIRONMENT: environment }: z.output<typeof hostSettings>,
  version: string,
): Promise<ErrorReports | undefined> {
  if (dsn === undefined) return undefined;
  const { openErrorReports } = await import('../../lib/telemetry/error-reports.ts');
  return openErrorReports({ dsn, environment, version });
}

import * as z from 'zod';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import { CliError } from '../cli/failure.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Column } from '../ui/columns.ts';

interface CheckRow {
  readonly name: string;
  readonly status: string;
  readonly detail: string | null;
}

interface GatewayStatus {
  readonly url: string;
  readonly ready: boolean;
  readonly checks: readonly CheckRow[];
}

const columns: readonly Column<CheckRow>[] = [
  { header: 'CHECK', value: (row) => row.name, keep: true },
  { header: 'STATUS', value: (row) => row.status, keep: true },
  { header: 'DETAIL', value: (row) => row.detail },
];

const readiness = z.object({
  status: z.string(),
  checks: z.record(
    z.string(),
    z.object({
      status: z.string(),
      detail: z.string().nullish(),
      latency_ms: z.number().nullish(),
    }),
  ),
});

const TIMEOUT_MS = 10_000;

/** `leadctl status`: needs no login; exit 1 when something is not ready. */
export const defineStatus: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Show which services are up; exit 1 when the gateway is not ready',
    input: z.object({}),
    examples: ['leadctl status', 'leadctl status -o json', 'leadctl status -o name'],
    run: async (ctx) => {
      const { url } = await ctx.settings();
      const status = await readStatus(url, ctx.interruption());
      await ctx.render({ rows: status.checks, columns, name: (row) => row.name });
      if (status.ready) {
        await ctx.note(`${url} is ready`);
        return exitCodes.ok;
      }
      const failed = status.checks.filter((check) => check.status !== 'ok').map(({ name }) => name);
      await ctx.note(`${url} is not ready: ${failed.join(', ')}`);
      return exitCodes.failed;
    },
  });
};

async function readStatus(url: string, interruption: AbortSignal): Promise<GatewayStatus> {
  const response = await fetch(`${url}/ready`, {
    signal: AbortSignal.any([interruption, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const parsed = readiness.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) {
    throw new CliError(`${url} answered, but not as a leadctl gateway does`, {
      code: 'unexpected_answer',
      why: `GET /ready: ${response.status}`,
      next: 'check --url, LEADCTL_URL or the context',
    });
  }
  const checks = Object.entries(parsed.data.checks).map(([name, { status, detail }]) => ({
    name,
    status,
    detail: detail ?? null,
  }));
  return { url, ready: response.ok, checks };
}

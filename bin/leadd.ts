import process from 'node:process';
import { parseArgs } from 'node:util';
import { ConfigError } from '../lib/core/config.ts';
import { withSettingFiles } from '../lib/core/setting-files.ts';
import { withTimeout } from '../lib/core/timeout.ts';
import { SERVICES, type ServiceName } from '../lib/contract/route.ts';
import { startHost, type RunningHost } from './host/host.ts';
import { DEFAULT_PORT_BASE } from './host/ports.ts';

const USAGE = `Usage: leadd SERVICE... | leadd --all

Runs daemons in this process, each on its own port (--port-base, default 8000).
Services: ${SERVICES.join(' ')}
--all runs every one of them but the sandbox. Settings come from the environment.
`;

const STOP_TIMEOUT_MS = 9_000;

/** Runs the daemons that the command line names until SIGTERM, SIGINT, or the end of the parent that watches them. */
export async function main({ version }: { readonly version: string }): Promise<void> {
  const request = readArguments(process.argv.slice(2));
  if (typeof request === 'string') {
    process.stderr.write(request);
    process.exitCode = 2;
    return;
  }
  try {
    const host = await startHost({ env: withSettingFiles(process.env), version, ...request });
    process.send?.('started');
    stopOnSignal(host);
  } catch (error) {
    const text = error instanceof ConfigError ? error.message : String(error);
    process.stderr.write(`leadd: ${text}\n`);
    process.exit(1);
  }
}

function readArguments(args: string[]): { services: ServiceName[]; portBase: number } | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        all: { type: 'boolean' },
        'port-base': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const unknown = positionals.find((name) => !isService(name));
    if (unknown !== undefined) return `leadd: there is no service '${unknown}'\n\n${USAGE}`;
    const services = values.all
      ? SERVICES.filter((name) => name !== 'sandbox')
      : positionals.filter(isService);
    if (values.help || services.length === 0) return USAGE;
    return { services, portBase: Number(values['port-base'] ?? DEFAULT_PORT_BASE) };
  } catch (error) {
    return `leadd: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`;
  }
}

function isService(name: string): name is ServiceName {
  return SERVICES.some((service) => service === name);
}

function stopOnSignal(host: RunningHost): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    withTimeout(host.stop(), STOP_TIMEOUT_MS, 'stopping').then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`leadd: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  const die = (cause: unknown): void => {
    host.died(cause).then(
      () => process.exit(1),
      () => process.exit(1),
    );
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
}

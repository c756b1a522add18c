import { expect, test } from 'vitest';
import type { z } from 'zod';
import * as config from './config.ts';

const GROUPS: readonly (readonly [string, z.ZodObject])[] = [
  ['Every daemon', config.hostSettings],
  ['gateway and auth: tokens', config.tokenSettings],
  ['auth', config.authSettings],
  ['gateway: second factor', config.secondFactorSettings],
  ['auth and user: links; and, with integration and worker: mail', config.mailSettings],
  ['gateway and lead: limits', config.limitSettings],
  ['gateway, lead, auth and user: shared limits', config.sharedLimitSettings],
  ['gateway: what strangers see', config.exposureSettings],
  ['auth, integration, webhook and worker: sealed secrets', config.sealingSettings],
  ['webhook and worker: Meta', config.metaSettings],
  ['integration, webhook and worker: providers', config.providerSettings],
  ['worker: messages', config.messagingSettings],
  ['worker: jobs', config.jobSettings],
  ['worker: retention', config.retentionSettings],
];

function row(name: string, field: z.core.$ZodType): string {
  const { defaultValue } = field instanceof Object && 'def' in field ? readDefault(field.def) : {};
  const about = 'description' in field ? String(field.description) : '';
  const value =
    defaultValue === undefined ? '' : `\`${JSON.stringify(defaultValue).replaceAll('"', '')}\``;
  return `| \`${name}\` | ${value} | ${about.replaceAll('|', '\\|')} |`;
}

function readDefault(def: unknown): { defaultValue?: unknown } {
  return def instanceof Object && 'defaultValue' in def ? { defaultValue: def.defaultValue } : {};
}

test('docs/settings.md lists every setting with its default', async () => {
  const sections = GROUPS.map(([title, schema]) =>
    [
      `## ${title}`,
      '',
      '| setting | default | what it is |',
      '| --- | --- | --- |',
      ...Object.entries(schema.shape).map(([name, field]) => row(name, field)),
      '',
    ].join('\n'),
  );
  const page = [
    '# Settings',
    '',
    'Environment variables, read once at start; one that is missing or wrong is an error that names it.',
    '`<SERVICE>_URL` (e.g. `LEAD_URL`) says where a daemon is to be called when it is not on this machine.',
    '',
    ...sections,
  ].join('\n');
  await expect(page).toMatchFileSnapshot('../../docs/settings.md');
});

import * as z from 'zod';
import { INTEGRATIONS, integrationContract } from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import type { Answer } from '../../client/answer.ts';
import { connectToClient } from '../../client/scope.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { remedyFor } from '../../doctor/remedies.ts';
import type { Column } from '../../ui/columns.ts';
import { changeInput, changeOptions, readChange } from './change.ts';
import { noteRemedies } from '../shared/remedy-notes.ts';

type Integrations = Answer<typeof integrationContract, 'getIntegrations', 200>;
type Check = Answer<typeof integrationContract, 'testIntegration', 200>['checks'][number];

const columns: readonly Column<Integrations>[] = [
  { header: 'CLIENT', value: (row) => row.client_id },
  { header: 'WHATSAPP', value: (row) => onOff(row.whatsapp_enabled) },
  { header: 'PHONE NUMBER', value: ({ config }) => config.whatsapp.phone_number_id },
  { header: 'TEMPLATE', value: ({ config }) => templateText(config.whatsapp.template) },
  { header: 'ACCESS TOKEN', value: ({ config }) => isSet(config.whatsapp.access_token) },
  { header: 'GOOGLE SHEETS', value: (row) => onOff(row.google_sheets_enabled) },
  { header: 'SHEET', value: (row) => row.google_sheet_id },
  { header: 'TAB', value: ({ config }) => config.google_sheets.sheet_name },
  { header: 'COLUMNS', value: ({ config }) => config.google_sheets.columns?.join(',') },
  { header: 'ACCOUNT', value: ({ config }) => isSet(config.google_sheets.service_account) },
  { header: 'META PAGE TOKEN', value: ({ config }) => isSet(config.meta.page_access_token) },
  {
    header: 'HELD',
    value: ({ held }) =>
      held.map(({ integration, code }) => `${integration} (${code})`).join(', ') || null,
  },
];

const view = { columns, name: (row: Integrations) => row.client_id };

const checkColumns: readonly Column<Check>[] = [
  { header: 'STATUS', value: (row) => row.status, keep: true },
  { header: 'CHECK', value: (row) => row.name, keep: true },
  { header: 'CODE', value: (row) => row.code, keep: true },
  { header: 'MESSAGE', value: (row) => row.message, wrap: true },
  { header: 'REMEDY', value: (row) => row.remedy, wrap: true, wide: true },
];

/** `leadctl integration …`: WhatsApp, Google Sheets and Meta of a client. */
export const defineIntegration: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'get', {
    summary: 'Show the integrations of a client; secrets only say that they are set',
    input: z.object({}),
    examples: ['leadctl integration get --client acme', 'leadctl integration get -o yaml'],
    run: async (ctx) => {
      const gateway = await connectToClient(ctx);
      const params = { client_id: gateway.clientId };
      const found = await gateway.of(integrationContract).call('getIntegrations', { params });
      await show(ctx, bodyOf(found));
    },
  });
  defineVerb(noun, cli, 'set', {
    summary: 'Change some of the integrations of a client; the rest stays',
    options: changeOptions,
    input: changeInput,
    examples: [
      'leadctl integration set --client acme --sheet-id 1AbC --service-account-file sa.json --sheets on',
      'leadctl integration set --phone-number-id 123 --whatsapp-token-file token.txt --template new_lead --template-parameter name --whatsapp on',
      'leadctl integration set --file integrations.yaml',
    ],
    run: async (ctx, input) => {
      const body = await readChange(ctx, input);
      const gateway = await connectToClient(ctx);
      const params = { client_id: gateway.clientId };
      const changed = await gateway
        .of(integrationContract)
        .call('patchIntegrations', { params, body });
      await show(ctx, bodyOf(changed));
    },
  });
  defineVerb(noun, cli, 'test', {
    summary: 'Check an integration against its provider; exit 1 when something is wrong',
    args: [{ name: '<integration>', help: 'which one', choices: INTEGRATIONS }],
    input: z.object({ integration: z.enum(INTEGRATIONS) }),
    examples: ['leadctl integration test whatsapp --client acme'],
    run: testIntegration,
  });
};

async function show(ctx: CommandContext, item: Integrations): Promise<void> {
  await ctx.render({ ...view, item });
  for (const { integration, message } of item.held) await ctx.note(`${integration}: ${message}`);
  for (const { integration, message, remedy } of item.warnings) {
    await ctx.note(`${integration}: ${message} ${remedy}`);
  }
}

async function testIntegration(
  ctx: CommandContext,
  { integration }: { readonly integration: (typeof INTEGRATIONS)[number] },
): Promise<ExitCode> {
  const gateway = await connectToClient(ctx);
  const params = { client_id: gateway.clientId, integration };
  const report = bodyOf(await gateway.of(integrationContract).call('testIntegration', { params }));
  const rows = report.checks.map((check) => ({
    ...check,
    remedy:
      check.status === 'failed' ? remedyFor(integration, check, gateway.clientId) : check.remedy,
  }));
  await ctx.render({ rows, columns: checkColumns, name: ({ name }) => name });
  await noteRemedies(
    ctx,
    rows.map(({ name, ...rest }) => ({ title: name, ...rest })),
  );
  return report.ok ? exitCodes.ok : exitCodes.failed;
}

function onOff(enabled: boolean): string {
  return enabled ? 'on' : 'off';
}

function isSet(secret: { readonly updated_at: string } | null): string | null {
  return secret === null ? null : `set ${secret.updated_at}`;
}

function templateText(template: Integrations['config']['whatsapp']['template']): string | null {
  if (template === null) return null;
  const { name, language, parameters } = template;
  const fields = parameters.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return `${name} (${language})${fields.length === 0 ? '' : `: ${fields.join(', ')}`}`;
}

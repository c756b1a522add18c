import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import type { OptionSpec } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { CliError, usageError } from '../../cli/failure.ts';
import { fileReason } from '../../cli/file-reason.ts';
import { readSecret } from '../../cli/secret.ts';

const SWITCH = ['on', 'off'] as const;
const flag = z
  .enum(SWITCH)
  .transform((text) => text === 'on')
  .optional();
const text = z.string().min(1).optional();

export const changeOptions: readonly OptionSpec[] = [
  { flags: '--whatsapp <switch>', help: 'deliver to WhatsApp', choices: SWITCH },
  { flags: '--phone-number-id <id>', help: 'of the WhatsApp business number' },
  { flags: '--waba-id <id>', help: 'of the WhatsApp business account; for checks' },
  { flags: '--whatsapp-token-file <file>', help: 'file with its access token' },
  { flags: '--whatsapp-token-stdin', help: 'read it from standard input; asked for on a terminal' },
  { flags: '--template <name>', help: 'message template' },
  { flags: '--template-language <code>', help: 'its language (en_US)' },
  { flags: '--template-parameter <field>', help: 'field for the next {{n}}', repeat: true },
  { flags: '--sheets <switch>', help: 'deliver to Google Sheets', choices: SWITCH },
  { flags: '--sheet-id <id>', help: 'from the address of the sheet' },
  { flags: '--sheet-name <tab>', help: 'tab to write to (the first)' },
  { flags: '--sheet-columns <list>', help: 'fields to write, with commas between them' },
  { flags: '--service-account-file <file>', help: 'JSON key file of the service account' },
  { flags: '--meta-page-id <id>', help: 'Meta page whose leads are the client’s' },
  { flags: '--meta-form-id <id>', help: 'only this form of that page' },
  { flags: '--page-token-file <file>', help: 'file with the Meta page access token' },
  { flags: '--page-token-stdin', help: 'read it from standard input; asked for on a terminal' },
  { flags: '--file <file>', help: 'a JSON or YAML file with the fields as the API has them' },
];

export const changeInput = z.object({
  whatsapp: flag,
  phoneNumberId: text,
  wabaId: text,
  whatsappTokenFile: text,
  whatsappTokenStdin: z.boolean().default(false),
  template: text,
  templateLanguage: z.string().default('en_US'),
  templateParameter: z.array(z.string()).default([]),
  sheets: flag,
  sheetId: text,
  sheetName: text,
  sheetColumns: text,
  serviceAccountFile: text,
  metaPageId: text,
  metaFormId: text,
  pageTokenFile: text,
  pageTokenStdin: z.boolean().default(false),
  file: text,
});
type Input = z.output<typeof changeInput>;

const changeBody = integrationContract.routes.patchIntegrations.body.schema;
type Body = z.input<typeof changeBody>;

/** The body of the change: a file first, what was typed over it. */
export async function readChange(ctx: CommandContext, input: Input): Promise<Body> {
  const fromFile = input.file === undefined ? {} : await readBody(input.file);
  const typed = await typedConfig(ctx, input);
  const config = {
    whatsapp: { ...fromFile.config?.whatsapp, ...typed.whatsapp },
    google_sheets: { ...fromFile.config?.google_sheets, ...typed.google_sheets },
    meta: { ...fromFile.config?.meta, ...typed.meta },
  };
  const body = given({
    ...fromFile,
    whatsapp_enabled: input.whatsapp ?? fromFile.whatsapp_enabled,
    google_sheets_enabled: input.sheets ?? fromFile.google_sheets_enabled,
    google_sheet_id: input.sheetId ?? fromFile.google_sheet_id,
    meta_page_id: input.metaPageId ?? fromFile.meta_page_id,
    meta_form_id: input.metaFormId ?? fromFile.meta_form_id,
    config: given({
      whatsapp: orNothing(config.whatsapp),
      google_sheets: orNothing(config.google_sheets),
      meta: orNothing(config.meta),
    }),
  });
  if (Object.keys(body.config ?? {}).length === 0) delete body.config;
  if (Object.keys(body).length > 0) return body;
  throw usageError('Nothing to change', 'leadctl integration set --help');
}

async function typedConfig(ctx: CommandContext, input: Input) {
  if (input.whatsappTokenStdin && input.pageTokenStdin && !ctx.io.stdinIsTty) {
    throw usageError('Only one token can come from standard input');
  }
  const secret = async (
    file: string | undefined,
    name: string,
    stdin = false,
  ): Promise<string | undefined> =>
    file === undefined && !stdin
      ? undefined
      : await readSecret(ctx.io, { file, ...(stdin ? { stdin } : {}) }, name);
  const { template, templateLanguage, templateParameter } = input;
  return {
    whatsapp: given({
      phone_number_id: input.phoneNumberId,
      waba_id: input.wabaId,
      access_token: await secret(
        input.whatsappTokenFile,
        'whatsapp-token',
        input.whatsappTokenStdin,
      ),
      template:
        template === undefined
          ? undefined
          : { name: template, language: templateLanguage, parameters: templateParameter },
    }),
    google_sheets: given({
      sheet_name: input.sheetName,
      columns: input.sheetColumns?.split(',').map((name) => name.trim()),
      service_account: await secret(input.serviceAccountFile, 'service-account'),
    }),
    meta: given({
      page_access_token: await secret(input.pageTokenFile, 'page-token', input.pageTokenStdin),
    }),
  };
}

async function readBody(file: string): Promise<Body> {
  const { parse } = await import('yaml');
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CliError(`Cannot read ${file}`, { code: 'file_unreadable', why: fileReason(error) });
  }
  const parsed = changeBody.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new CliError(`${file} does not describe integrations`, {
    code: 'validation_failed',
    why: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
  });
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without what was not given. */
function given<T extends object>(fields: T): Given<T> {
  const kept: Given<T> = { ...fields };
  for (const key of Object.keys(kept)) {
    if (Reflect.get(kept, key) === undefined) Reflect.deleteProperty(kept, key);
  }
  return kept;
}

function orNothing<T extends object>(fields: T): T | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields;
}

import type { Check, TestReport } from '../../daemons/integration/contract.ts';

type Integration = TestReport['integration'];

/** Which option sets what a check found missing, wrong or over. Capital words are for the reader to fill in. */
const OPTIONS: Readonly<Record<string, string>> = {
  'whatsapp.phone_number_id': '--phone-number-id PHONE_NUMBER_ID',
  'whatsapp.template': '--template TEMPLATE',
  'whatsapp.access_token': '--whatsapp-token-stdin',
  template: '--template TEMPLATE',
  google_sheet_id: '--sheet-id SPREADSHEET_ID',
  'google_sheets.service_account': '--service-account-file FILE',
  service_account: '--service-account-file FILE',
  sheet: '--sheet-name TAB',
  'meta.page_access_token': '--page-token-stdin',
};

/** What is set anew when a provider says that the credentials are no longer good. */
const CREDENTIALS: Readonly<Record<Integration, string>> = {
  whatsapp: '--whatsapp-token-stdin',
  google_sheets: '--service-account-file FILE',
  meta: '--page-token-stdin',
};

const IS_CREDENTIAL =
  /^(190|401|UNAUTHENTICATED|invalid_grant|token_(dead|expires|missing)|scope_missing)$/;

/** The command that mends what a check found, for this very client; the check's own words where none does. */
export function remedyFor(integration: Integration, check: Check, clientId: string): string {
  const { name, code, remedy } = check;
  if (name === 'meta_page_id') return `leadctl meta source add PAGE_ID --client ${clientId}`;
  const option =
    code !== null && IS_CREDENTIAL.test(code) ? CREDENTIALS[integration] : OPTIONS[name];
  const sets = option === undefined ? undefined : setCommand(option, clientId);
  if (code === 'not_configured' || code === 'secret_unreadable') {
    return sets ?? setCommand(CREDENTIALS[integration], clientId);
  }
  if (code !== null && IS_CREDENTIAL.test(code)) {
    return setCommand(CREDENTIALS[integration], clientId);
  }
  if (code === 'missing_sheet' || name === 'template') return sets ?? remedy ?? testCommand();
  return remedy ?? testCommand();

  function testCommand(): string {
    return `leadctl integration test ${integration} --client ${clientId}`;
  }
}

function setCommand(option: string, clientId: string): string {
  return `leadctl integration set ${option} --client ${clientId}`;
}

import { lintTemplate, type LiveTemplate } from '../../../lib/providers/whatsapp/live-template.ts';
import type { TemplateConfig } from '../../../lib/providers/whatsapp/template.ts';
import type { Check } from './shapes.ts';
import type { CheckDeps, RunCheck } from './checks.ts';
import { failed, notSet, openSecret, passed, refused, skipped } from './check.ts';

/** The token may use the number; the template is approved and takes what it is given. */
export const checkWhatsApp: RunCheck = async (deps, { clientId, stored }, signal) => {
  const { whatsapp } = stored.config;
  const token = openSecret(deps.keyring, clientId, 'whatsapp', whatsapp.access_token);
  const missing = [
    ...('check' in token ? [token.check] : []),
    ...(whatsapp.phone_number_id === undefined ? [notSet('whatsapp.phone_number_id')] : []),
    ...(whatsapp.template === undefined ? [notSet('whatsapp.template')] : []),
  ];
  const { phone_number_id: phoneNumberId, template } = whatsapp;
  if ('check' in token || phoneNumberId === undefined || template === undefined) return missing;
  const access = { accessToken: token.secret, signal };
  const number = await deps.whatsApp.getPhoneNumber({ phoneNumberId, ...access });
  if (number.kind !== 'ok') return [refused('phone_number', number)];
  const shown = number.value.displayPhoneNumber ?? phoneNumberId;
  return [
    passed('phone_number', `The token may send from ${shown}.`),
    ...(await checkTemplate(deps, whatsapp.waba_id, template, access)),
  ];
};

interface Access {
  readonly accessToken: string;
  readonly signal: AbortSignal;
}

async function checkTemplate(
  deps: CheckDeps,
  wabaId: string | undefined,
  template: TemplateConfig,
  access: Access,
): Promise<Check[]> {
  const accounts = wabaId === undefined ? await accountsOf(deps, access) : [wabaId];
  if (accounts.length === 0) {
    return [skipped('template', 'The template was not checked.', 'Set whatsapp.waba_id.')];
  }
  const found: LiveTemplate[] = [];
  for (const one of accounts) {
    const answer = await deps.whatsApp.getTemplate({ wabaId: one, name: template.name, ...access });
    if (answer.kind !== 'ok') return [refused('template', answer)];
    found.push(...answer.value);
  }
  const problems = lintTemplate(template, found);
  if (problems.length === 0) {
    return [passed('template', `Template "${template.name}" is approved and its parameters fit.`)];
  }
  return problems.map(({ code, ...problem }) => failed('template', code, problem));
}

const MOST_ACCOUNTS = 5;

/** The WhatsApp accounts that the token says it may manage. */
async function accountsOf({ meta, appId }: CheckDeps, access: Access): Promise<readonly string[]> {
  if (appId === undefined) return [];
  const { signal, accessToken: inputToken } = access;
  const info = await meta.debugToken({ appId, inputToken, signal });
  if (info.kind !== 'ok') return [];
  const scopes = info.value.granularScopes.filter(({ scope }) => scope.startsWith('whatsapp_'));
  return [...new Set(scopes.flatMap(({ targetIds }) => targetIds))].slice(0, MOST_ACCOUNTS);
}

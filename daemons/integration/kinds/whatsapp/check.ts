import {
  lintTemplate,
  type LiveTemplate,
} from '../../../../lib/providers/whatsapp/live-template.ts';
import type { TemplateConfig } from '../../../../lib/providers/whatsapp/template.ts';
import type { Check } from '../../checks/shapes.ts';
import { failed, incomplete, passed, refused, skipped } from '../../checks/check.ts';
import type { CheckDeps, Kind } from '../kind.ts';
import { whatsAppSettings } from './settings.ts';

/** The token may use the number; the template is approved and takes what it is given. */
export const checkWhatsApp: Kind['check'] = async ({ settings: stored, secret, signal }, deps) => {
  const token = secret('access_token');
  const settings = whatsAppSettings.safeParse(stored);
  if ('check' in token || !settings.success) {
    return [
      ...('check' in token ? [token.check] : []),
      ...(settings.success ? [] : incomplete('whatsapp', settings.error)),
    ];
  }
  const { phone_number_id: phoneNumberId, template, waba_id: wabaId } = settings.data;
  const access = { accessToken: token.secret, signal };
  const number = await deps.clients.whatsApp.getPhoneNumber({ phoneNumberId, ...access });
  if (number.kind !== 'ok') return [refused('phone_number', number)];
  const shown = number.value.displayPhoneNumber ?? phoneNumberId;
  return [
    passed('phone_number', `The token may send from ${shown}.`),
    ...(await checkTemplate(deps, wabaId, template, access)),
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
    return [skipped('template', 'The template was not checked.', 'Set waba_id in its settings.')];
  }
  const found: LiveTemplate[] = [];
  for (const one of accounts) {
    const answer = await deps.clients.whatsApp.getTemplate({
      wabaId: one,
      name: template.name,
      ...access,
    });
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
async function accountsOf(
  { clients, appId }: CheckDeps,
  access: Access,
): Promise<readonly string[]> {
  if (appId === undefined) return [];
  const { signal, accessToken: inputToken } = access;
  const info = await clients.meta.debugToken({ appId, inputToken, signal });
  if (info.kind !== 'ok') return [];
  const scopes = info.value.granularScopes.filter(({ scope }) => scope.startsWith('whatsapp_'));
  return [...new Set(scopes.flatMap(({ targetIds }) => targetIds))].slice(0, MOST_ACCOUNTS);
}

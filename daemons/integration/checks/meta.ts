import type { Check } from './shapes.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { openFor } from '../../../lib/secrets/sealed.ts';
import type { SealedSecret } from '../destinations/model.ts';
import type { CheckDeps } from '../kinds/kind.ts';
import { META_SECRET, type StoredIntegrations } from '../switchboard/model.ts';
import { failed, notSet, passed, refused, skipped, unreadable } from './check.ts';

const NEEDED_SCOPES = ['leads_retrieval', 'pages_manage_metadata', 'pages_show_list'];

/** The app hears of leads, the page token lives and may read them, and each page sends them to the app. */
export async function checkMeta(
  deps: CheckDeps & { readonly keyring: Keyring },
  { clientId, stored, pageIds }: MetaSubject,
  signal: AbortSignal,
): Promise<Check[]> {
  const token = openToken(deps.keyring, clientId, stored.page_access_token);
  const pages = pageIds.length === 0 ? [notSet('meta_page_id')] : [];
  if ('check' in token) return [token.check, ...pages];
  const found = [
    ...(await checkApp(deps, signal)),
    ...(await checkToken(deps, token.secret, signal)),
  ];
  for (const pageId of pageIds) found.push(await checkPage(deps, pageId, token.secret, signal));
  return [...found, ...pages];
}

export interface MetaSubject {
  readonly clientId: ClientId;
  readonly stored: StoredIntegrations;
  /** Pages whose leads are the client's. */
  readonly pageIds: readonly string[];
}

/** The secret, or the check that says why there is none. */
function openToken(
  keyring: Keyring,
  clientId: ClientId,
  secret: SealedSecret | undefined,
): { readonly secret: string } | { readonly check: Check } {
  if (secret === undefined) return { check: notSet(META_SECRET) };
  const opened = openFor(keyring, { clientId, field: META_SECRET }, secret.sealed);
  if (opened.ok) return { secret: opened.secret };
  return { check: unreadable(META_SECRET, opened.reason) };
}

async function checkApp({ clients, appId }: CheckDeps, signal: AbortSignal): Promise<Check[]> {
  if (appId === undefined) {
    return [skipped('app', 'What the app is subscribed to was not checked.', 'Set META_APP_ID.')];
  }
  const subscriptions = await clients.meta.getAppSubscriptions({ appId, signal });
  if (subscriptions.kind !== 'ok') return [refused('app', subscriptions)];
  const page = subscriptions.value.find(({ object, active }) => object === 'page' && active);
  if (page?.fields.includes('leadgen')) {
    return [passed('app', `Meta tells ${page.callbackUrl ?? 'the callback URL'} of leads.`)];
  }
  return [
    failed('app', 'app_not_subscribed', {
      message: 'Meta tells the app of no leads.',
      remedy: `POST /${appId}/subscriptions with object=page, fields=leadgen, and this platform’s /webhook/meta as callback_url.`,
    }),
  ];
}

async function checkToken(
  { clients, appId, clock }: CheckDeps,
  inputToken: string,
  signal: AbortSignal,
): Promise<Check[]> {
  if (appId === undefined) {
    return [skipped('token', 'The token’s life and scopes were not checked.', 'Set META_APP_ID.')];
  }
  const info = await clients.meta.debugToken({ appId, inputToken, signal });
  if (info.kind !== 'ok') return [refused('token', info)];
  const { isValid, problem, scopes, expiresAt } = info.value;
  const remedy = 'Make a long-lived page token and set it as meta.page_access_token.';
  if (!isValid) {
    const why = (problem ?? 'The token is not valid').replace(/[.\s]*$/, '');
    return [failed('token', 'token_dead', { message: `${why}.`, remedy })];
  }
  const lacking = NEEDED_SCOPES.filter((scope) => !scopes.includes(scope));
  if (lacking.length > 0) {
    const message = `The token lacks ${lacking.join(', ')}.`;
    return [
      failed('token', 'scope_missing', { message, remedy: 'Grant them and make a new token.' }),
    ];
  }
  if (expiresAt === null) return [passed('token', 'The token is valid and does not expire.')];
  const days = Math.floor((expiresAt.getTime() - clock().getTime()) / 86_400_000);
  const message = `The token expires in ${days} days, and leads stop then.`;
  return [failed('token', 'token_expires', { message, remedy })];
}

async function checkPage(
  { clients, appId }: CheckDeps,
  pageId: string,
  accessToken: string,
  signal: AbortSignal,
): Promise<Check> {
  const name = `page ${pageId}`;
  const apps = await clients.meta.getPageSubscriptions({ pageId, accessToken, signal });
  if (apps.kind !== 'ok') return refused(name, apps);
  const own = apps.value.filter((app) => appId === undefined || app.appId === appId);
  if (own.some(({ fields }) => fields.includes('leadgen'))) {
    return passed(name, 'The page sends its leads to the app.');
  }
  return failed(name, 'not_subscribed', {
    message: 'The page sends no leads to the app.',
    remedy: `POST /${pageId}/subscribed_apps?subscribed_fields=leadgen with the page’s token.`,
  });
}

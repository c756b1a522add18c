import { authContract } from '../../daemons/auth/contract.ts';
import { clientContract } from '../../daemons/client/contract.ts';
import { integrationContract, SWITCHES } from '../../daemons/integration/contract.ts';
import { leadContract } from '../../daemons/lead/contract.ts';
import { webhookContract } from '../../daemons/webhook/contract.ts';
import { ApiError, bodyOf } from '../cli/api-error.ts';
import { CliError } from '../cli/failure.ts';
import type { Gateway } from '../client/gateway.ts';
import { askReady } from '../client/readiness.ts';
import { listUpTo } from '../client/paging.ts';
import {
  checkClientStatus,
  checkEvents,
  checkKeys,
  checkRefusals,
  checkReport,
  checkStuck,
  integrationsInUse,
  STUCK_STATUSES,
} from './client.ts';
import { examineDestinations } from './examine-destinations.ts';
import { checkEveryClient } from './every-client.ts';
import { findingsOf, type Finding } from './finding.ts';
import { checkPlatform, type GatewayAnswer } from './platform.ts';

export interface Patient {
  readonly gateway: Gateway;
  readonly version: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

const MOST = 200;

/** Looks at every layer, outermost first; what cannot be looked at says why instead. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const platform = await examinePlatform(patient);
  if (platform.some(({ layer, check, status }) => isUnreachable(layer, check, status))) {
    return platform;
  }
  const login = await attempt('login', 'token', () => examineLogin(patient));
  const isIn = login.every(({ status }) => status === 'ok');
  const { client } = patient.gateway.settings;
  if (!isIn) return [...platform, ...login];
  if (client === undefined) {
    const clients = await attempt('clients', 'all', () => checkEveryClient(patient.gateway));
    return [...platform, ...login, ...clients];
  }
  return [...platform, ...login, ...(await examineClient(patient, client))];
}

const isUnreachable = (layer: string, check: string, status: string): boolean =>
  layer === 'gateway' && check === 'reachable' && status === 'failed';

async function examinePlatform(patient: Patient): Promise<Finding[]> {
  const { url } = patient.gateway.settings;
  const { ok, failed } = findingsOf('gateway');
  try {
    const answer = await readPlatform(patient);
    if (answer !== undefined) {
      const reachable = ok('reachable', `${url} answers.`);
      return [reachable, ...checkPlatform(answer, patient.version)];
    }
    const message = `${url} answers, but not as a leadctl gateway does.`;
    return [failed('reachable', { message, remedy: 'leadctl context ls' })];
  } catch (error) {
    if (patient.signal.aborted) throw error;
    return [
      failed('reachable', {
        message: `${url} does not answer (${reasonOf(error)}).`,
        remedy: 'leadctl up starts one here; else check --url, LEADCTL_URL and leadctl context ls',
      }),
    ];
  }
}

async function readPlatform({ gateway, now, signal }: Patient): Promise<GatewayAnswer | undefined> {
  const askedAt = now();
  const { response, said } = await askReady(gateway, signal);
  const answeredAt = now();
  if (said === undefined) return undefined;
  const date = response.headers.get('date');
  return {
    isReady: response.ok,
    version: said.version,
    checks: said.checks ?? {},
    date: date === null ? undefined : new Date(date),
    askedAt,
    answeredAt,
  };
}

async function examineLogin({ gateway }: Patient): Promise<Finding[]> {
  const me = bodyOf(await gateway.of(authContract).call('me', {}));
  return [findingsOf('login').ok('token', `The token is valid, for ${me.email}.`)];
}

async function examineClient({ gateway, now }: Patient, clientId: string): Promise<Finding[]> {
  const params = { client_id: clientId };
  const integrations = gateway.of(integrationContract);
  const status = await attempt('client', 'status', async () => [
    checkClientStatus(bodyOf(await gateway.of(clientContract).call('getClient', { params }))),
  ]);
  const providers = await attempt('deliveries', 'integrations', async () => {
    const found = bodyOf(await integrations.call('getIntegrations', { params }));
    const sources = await attemptSources(gateway, clientId);
    const reports = await Promise.all(
      integrationsInUse(found, sources).map((integration) =>
        attempt(integration, 'test', async () =>
          checkReport(
            bodyOf(
              await integrations.call('testIntegration', { params: { ...params, integration } }),
            ),
            clientId,
          ),
        ),
      ),
    );
    return reports.flat();
  });
  const destinations = await examineDestinations(gateway, clientId, {
    besides: SWITCHES,
    attempt,
  });
  const stuck = await Promise.all(
    STUCK_STATUSES.map((one) =>
      attempt('deliveries', one, async () => [
        checkStuck(
          one,
          await listUpTo(
            (page) =>
              integrations.call('listDeliveries', { params, query: { status: one, ...page } }),
            MOST,
          ),
          clientId,
        ),
      ]),
    ),
  );
  const events = await Promise.all(
    (['unmapped', 'held', 'failed'] as const).map((one) =>
      attempt('webhook', one, async () => [
        checkEvents(one, await eventsOf(gateway, one, clientId), clientId),
      ]),
    ),
  );
  const keys = await attempt('api_keys', 'expiry', async () => {
    const found = await listUpTo(
      (query) => gateway.of(leadContract).call('listApiKeys', { params, query }),
      MOST,
    );
    return checkKeys(found.items, now(), clientId);
  });
  const refused = await attempt('leads', 'refused', async () => {
    const found = await listUpTo(
      (query) => gateway.of(leadContract).call('listRefusals', { params, query }),
      MOST,
    );
    return [checkRefusals(found.items, clientId)];
  });
  return [
    ...status,
    ...providers,
    ...destinations,
    ...stuck.flat(),
    ...events.flat(),
    ...keys,
    ...refused,
  ];
}

async function attemptSources(gateway: Gateway, clientId: string) {
  const integrations = gateway.of(integrationContract);
  const params = { client_id: clientId };
  const answer = await integrations.call('listMetaSources', { params, query: { limit: MOST } });
  return answer.ok ? answer.body.data : [];
}

/** The client's own and those that are nobody's yet. */
async function eventsOf(
  gateway: Gateway,
  status: 'unmapped' | 'held' | 'failed',
  clientId: string,
) {
  const { items, more } = await listUpTo(
    (page) => gateway.of(webhookContract).call('listEvents', { query: { status, ...page } }),
    MOST,
  );
  return { items: items.filter(({ client_id }) => (client_id ?? clientId) === clientId), more };
}

/** What may not be looked at is skipped; what cannot be is a finding of its own. */
async function attempt(
  layer: string,
  check: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const { failed, skipped } = findingsOf(layer);
  try {
    return await look();
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 403) {
      return [skipped(check, 'You may not see this.', 'Ask as an admin, or have it granted.')];
    }
    if (error instanceof ApiError) {
      const { code, detail, request_id: requestId } = error.problem;
      const remedy = `Look for request ${requestId} in the gateway’s log.`;
      return [failed(check, { message: `${detail} (${code})`, remedy: remedyOf(code, remedy) })];
    }
    if (error instanceof CliError) {
      const { next = 'leadctl login' } = error.details;
      return [failed(check, { message: `${error.message}.`, remedy: next })];
    }
    throw error;
  }
}

function remedyOf(code: string, otherwise: string): string {
  if (code === 'not_found') return 'leadctl client ls';
  const isLogin = code === 'unauthenticated' || code === 'token_expired';
  return isLogin ? 'leadctl login' : otherwise;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

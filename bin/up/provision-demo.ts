import { generateKeyPairSync } from 'node:crypto';
import { authContract } from '../../daemons/auth/contract.ts';
import { clientContract } from '../../daemons/client/contract.ts';
import { integrationContract } from '../../daemons/integration/contract.ts';
import { leadContract } from '../../daemons/lead/contract.ts';
import { permissionContract } from '../../daemons/permission/contract.ts';
import { productContract } from '../../daemons/product/contract.ts';
import { userContract } from '../../daemons/user/contract.ts';
import { createClient, type Transport } from '../../lib/contract/client.ts';
import { clientIdSchema } from '../../lib/core/ids.ts';
import type { Problem } from '../../lib/core/problem.ts';
import { bodyOf } from '../cli/api-error.ts';

export const DEMO_CLIENT = 'acme';
export const DEMO_SHEET_ID = 'acme-leads';
export const DEMO_SHEET_NAME = 'Leads';
export const DEMO_PAGE_ID = '200000000000001';
export const DEMO_PAGE_TOKEN = 'demo-page-token';

const CONFLICT = 409;
const CALL_TIMEOUT_MS = 15_000;
const LEADS = '/api/clients/{client_id}/leads';

/** Who may do what in the demo; the lower the level, the more senior. */
const ROLES = [
  { name: 'manager', level: '10', grants: ['* /api/clients/{client_id}/**'] },
  {
    name: 'rep',
    level: '20',
    grants: [`GET ${LEADS}/**`, `POST ${LEADS}`, `PATCH ${LEADS}/{lead_id}`],
  },
] as const;

/** Everybody's manager comes before them. */
const MEMBERS = [
  { email: 'boss@acme.example', role: 'manager', reportsTo: undefined },
  { email: 'lead@acme.example', role: 'manager', reportsTo: 'boss@acme.example' },
  { email: 'rep@acme.example', role: 'rep', reportsTo: 'lead@acme.example' },
] as const;

/**
 * A client with all that a lead passes through, made through the gateway as an operator would.
 * What is there already is left alone, so that an interrupted run can be repeated. Returns the key.
 */
export async function provisionDemo(
  gateway: string,
  admin: { readonly email: string; readonly password: string },
): Promise<string> {
  const transport = await signIn(gateway, admin);
  const params = { client_id: clientIdSchema.parse(DEMO_CLIENT) };
  const clients = createClient(clientContract, transport);
  made(
    await clients.call('createClient', {
      body: { client_id: DEMO_CLIENT, name: 'Acme', default_country: 'DE' },
    }),
  );
  await makeRoles(transport);
  await makeMembers(transport);
  await makeProduct(transport);
  await makeIntegrations(transport);
  const keys = createClient(leadContract, transport);
  const key = await keys.call('createApiKey', {
    params,
    body: {
      name: `website ${new Date().toISOString()}`,
      allowed_origins: ['https://acme.example'],
    },
  });
  return bodyOf(key).key;
}

async function signIn(
  gateway: string,
  admin: { readonly email: string; readonly password: string },
): Promise<Transport> {
  const send =
    (headers: Record<string, string>): Transport =>
    (request) =>
      fetch(gateway + request.path, {
        method: request.method,
        headers: { ...request.headers, ...headers },
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
        ...(request.body === undefined ? {} : { body: request.body }),
      });
  const { email, password } = admin;
  const login = await createClient(authContract, send({})).call('login', {
    body: { email, password },
  });
  return send({ authorization: `Bearer ${bodyOf(login).access_token}` });
}

async function makeRoles(transport: Transport): Promise<void> {
  const permissions = createClient(permissionContract, transport);
  for (const { name, level, grants } of ROLES) {
    const created = made(await permissions.call('createRole', { body: { name, level } }));
    if (created === undefined) continue;
    bodyOf(
      await permissions.call('setRolePermissions', {
        params: { role_id: created.id },
        body: { grants: [...grants] },
      }),
    );
  }
}

async function makeMembers(transport: Transport): Promise<void> {
  const users = createClient(userContract, transport);
  const ids = new Map<string, string>();
  const params = { client_id: clientIdSchema.parse(DEMO_CLIENT) };
  for (const member of bodyOf(await users.call('listMembers', { params })).data) {
    ids.set(member.email, member.id);
  }
  for (const { email, role, reportsTo } of MEMBERS) {
    if (ids.has(email)) continue;
    const manager = reportsTo === undefined ? null : (ids.get(reportsTo) ?? null);
    const created = await users.call('createMember', {
      params,
      body: { email, role, reports_to_user_client_id: manager },
    });
    ids.set(email, bodyOf(created).id);
  }
}

async function makeProduct(transport: Transport): Promise<void> {
  const products = createClient(productContract, transport);
  const industry = made(await products.call('createIndustry', { body: { name: 'Auto' } }));
  if (industry === undefined) return;
  const category = bodyOf(
    await products.call('createCategory', { body: { name: 'SUV', industry_id: industry.id } }),
  );
  const product = bodyOf(
    await products.call('createProduct', { body: { name: 'Roadster', category_id: category.id } }),
  );
  bodyOf(
    await products.call('putClientProduct', {
      params: { client_id: clientIdSchema.parse(DEMO_CLIENT), product_id: product.id },
      body: { enabled: true },
    }),
  );
}

async function makeIntegrations(transport: Transport): Promise<void> {
  const integrations = createClient(integrationContract, transport);
  const params = { client_id: clientIdSchema.parse(DEMO_CLIENT) };
  bodyOf(
    await integrations.call('putIntegrations', {
      params,
      body: {
        whatsapp_enabled: true,
        google_sheets_enabled: true,
        google_sheet_id: DEMO_SHEET_ID,
        config: {
          whatsapp: {
            phone_number_id: '100000000000001',
            access_token: 'demo-whatsapp-token',
            template: { name: 'new_lead', language: 'en_US', parameters: ['name'] },
          },
          google_sheets: { sheet_name: DEMO_SHEET_NAME, service_account: demoServiceAccount() },
          meta: { page_access_token: DEMO_PAGE_TOKEN },
        },
      },
    }),
  );
  made(await integrations.call('addMetaSource', { params, body: { page_id: DEMO_PAGE_ID } }));
}

/** A service account of nobody's: Google's libraries want a real key to sign with, even for the sandbox. */
function demoServiceAccount(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return JSON.stringify({
    type: 'service_account',
    client_email: 'demo@leadctl-demo.iam.gserviceaccount.com',
    private_key: privateKey,
    token_uri: 'https://oauth2.googleapis.com/token',
  });
}

/** What was made, or undefined when it was there before. */
function made<Body>(
  answer:
    | { readonly ok: true; readonly body: Body }
    | { readonly ok: false; readonly problem: Problem },
): Body | undefined {
  return !answer.ok && answer.problem.status === CONFLICT ? undefined : bodyOf(answer);
}

import type * as z from 'zod';
import { clientContract } from '../../daemons/client/contract.ts';
import { integrationContract } from '../../daemons/integration/contract.ts';
import { leadContract } from '../../daemons/lead/contract.ts';
import { permissionContract } from '../../daemons/permission/contract.ts';
import { userContract } from '../../daemons/user/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { answered, answeredHidden } from '../cli/guided.ts';
import { roleChoices } from '../client/role-choices.ts';
import { deliverTestLead } from './test-lead.ts';
import type { Onboarding, OnboardStep } from './step.ts';

const client: OnboardStep = {
  title: 'The client itself',
  done: async ({ gateway }) => {
    const params = { client_id: gateway.clientId };
    const found = await gateway.of(clientContract).call('getClient', { params });
    return found.ok ? `${found.body.client_id} is ${found.body.status}` : undefined;
  },
  run: async ({ ctx, gateway }) => {
    const name = await answered(ctx, `Name (Enter for ${gateway.clientId}):`);
    const country = await answered(
      ctx,
      'Country of its phone numbers, two letters (Enter for none):',
    );
    const body = {
      client_id: gateway.clientId,
      name: name || gateway.clientId,
      default_country: country || null,
    };
    const made = bodyOf(await gateway.of(clientContract).call('createClient', { body }));
    return `Created ${made.client_id}`;
  },
};

const role: OnboardStep = {
  title: 'A role for its people',
  done: async ({ ctx }) => {
    const names = await roleChoices(ctx);
    return names.length > 0 ? `there are ${names.join(', ')}` : undefined;
  },
  run: async ({ gateway }) => {
    const roles = gateway.of(permissionContract);
    const body = { name: 'manager', level: '10' };
    const made = bodyOf(await roles.call('createRole', { body }));
    const grants = ['* /api/clients/{client_id}/**'];
    const params = { role_id: made.id };
    bodyOf(await roles.call('addRolePermissions', { params, body: { grants } }));
    return 'Created manager, who may everything within a client';
  },
};

const member: OnboardStep = {
  title: 'Somebody to work on its leads',
  done: async ({ gateway }) => {
    const params = { client_id: gateway.clientId };
    const query = { limit: 1 };
    const found = bodyOf(await gateway.of(userContract).call('listMembers', { params, query }));
    return found.data[0] && `${found.data[0].email} is a member`;
  },
  run: async ({ ctx, gateway }) => {
    const email = await answered(ctx, 'E-mail of the first member (Enter to leave it for later):');
    if (email === '') return 'Later: leadctl member add';
    const names = await roleChoices(ctx);
    const named = await answered(ctx, `Role (${names.join(', ')}; Enter for ${names[0] ?? ''}):`);
    const params = { client_id: gateway.clientId };
    const body = { email, role: named || (names[0] ?? '') };
    const made = bodyOf(await gateway.of(userContract).call('createMember', { params, body }));
    const url = made.invitation?.url;
    return url === undefined
      ? `${email} is a member`
      : `Invited ${email}; send them this link, shown only now:\n  ${url}`;
  },
};

const key: OnboardStep = {
  title: 'An API key for its website',
  done: async ({ gateway }) => {
    const params = { client_id: gateway.clientId };
    const query = { limit: 200 };
    const { data } = bodyOf(await gateway.of(leadContract).call('listApiKeys', { params, query }));
    const alive = data.find(({ revoked_at }) => revoked_at === null);
    return alive && `${alive.name} (${alive.key_prefix}…)`;
  },
  run: async (on) => {
    const { ctx, gateway } = on;
    const origins = await answered(
      ctx,
      'Site whose forms use it, e.g. https://acme.example (Enter for servers only):',
    );
    const params = { client_id: gateway.clientId };
    const allowed_origins = origins === '' ? [] : origins.split(',').map((one) => one.trim());
    const body = { name: 'website', allowed_origins };
    const made = bodyOf(await gateway.of(leadContract).call('createApiKey', { params, body }));
    on.apiKey = made.key;
    return `Made website; keep it now, it cannot be shown again:\n  ${made.key}`;
  },
};

const integration: OnboardStep = {
  title: 'Where its leads go',
  done: async ({ gateway }) => {
    const params = { client_id: gateway.clientId };
    const found = bodyOf(await gateway.of(integrationContract).call('getIntegrations', { params }));
    const on = [
      ...(found.whatsapp_enabled ? ['WhatsApp'] : []),
      ...(found.google_sheets_enabled ? ['Google Sheets'] : []),
    ];
    return on.length > 0 ? on.join(' and ') : undefined;
  },
  run: async (on) => {
    const { ctx } = on;
    const what = await answered(ctx, 'whatsapp, sheets, or Enter to leave it for later:');
    if (what === 'whatsapp') return await setWhatsapp(on);
    if (what === 'sheets') return await setSheets(on);
    return 'Later: leadctl integration set. Until then leads are stored and go nowhere';
  },
};

async function setWhatsapp({ ctx, gateway }: Onboarding): Promise<string> {
  const phone = await answered(ctx, 'Phone number id, from the WhatsApp Manager:');
  const token = await answeredHidden(ctx, 'Access token (not shown):');
  const template = await answered(ctx, 'Name of the message template:');
  const language = await answered(ctx, 'Its language (Enter for en_US):');
  const fields = await answered(ctx, 'Lead fields for its {{n}}, with commas (Enter for name):');
  return await change(gateway, {
    whatsapp_enabled: true,
    config: {
      whatsapp: {
        phone_number_id: phone,
        access_token: token,
        template: {
          name: template,
          language: language || 'en_US',
          parameters: (fields || 'name').split(',').map((one) => one.trim()),
        },
      },
    },
  });
}

async function setSheets({ ctx, gateway }: Onboarding): Promise<string> {
  const sheet = await answered(ctx, 'Id of the spreadsheet, between /d/ and /edit in its address:');
  const file = await answered(ctx, 'JSON key file of the service account:');
  const { readSecret } = await import('../cli/secret.ts');
  const service_account = await readSecret(ctx.io, { file }, 'service-account');
  return await change(gateway, {
    google_sheets_enabled: true,
    google_sheet_id: sheet,
    config: { google_sheets: { service_account } },
  });
}

type Body = z.input<typeof integrationContract.routes.patchIntegrations.body.schema>;

async function change(gateway: Onboarding['gateway'], body: Body): Promise<string> {
  const params = { client_id: gateway.clientId };
  const api = gateway.of(integrationContract);
  const { warnings } = bodyOf(await api.call('patchIntegrations', { params, body }));
  const told = warnings.map(({ message, remedy }) => `  ${message} ${remedy}`);
  return ['Switched on', ...told].join('\n');
}

const testLead: OnboardStep = {
  title: 'A test lead, all the way',
  done: async ({ gateway }) => {
    const params = { client_id: gateway.clientId };
    const query = { status: 'delivered', limit: 1 } as const;
    const found = await gateway.of(integrationContract).call('listDeliveries', { params, query });
    const first = found.ok ? found.body.data[0] : undefined;
    return first && `lead ${first.lead_id} was delivered to ${first.integration}`;
  },
  run: deliverTestLead,
};

/** From nothing to the first lead that was delivered, in this order. */
export const STEPS: readonly OnboardStep[] = [client, role, member, key, integration, testLead];

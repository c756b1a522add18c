import { type ApiKey, leadContract } from '../../../daemons/lead/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { readEmbedScript } from '../../client/embed.ts';
import { formHtml, KEY_PLACEHOLDER } from '../../client/form-html.ts';
import { listUpTo } from '../../client/paging.ts';
import { keyView, stateOf } from '../../commands/key/view.ts';
import { type ConsoleEnv, inClient } from '../env.ts';
import { confirmation, formFor, option, word } from '../form.ts';
import { type Action, defineResource } from '../resource.ts';
import { MOST } from './most.ts';

const { createApiKey, rotateApiKey, updateApiKey } = leadContract.routes;
const LIST = '/api/clients/{client_id}/api-keys';
const ONE = `${LIST}/{key_id}`;

export const keys = defineResource<ApiKey>({
  name: 'keys',
  aliases: ['key', 'api-keys'],
  title: 'API keys',
  summary: 'what forms send leads with: create, change, rotate, revoke',
  isOfClient: true,
  needs: ['GET', LIST],
  columns: keyView(new Date()).columns.map((column) =>
    column.header === 'STATE'
      ? { ...column, value: (row: ApiKey) => stateOf(row, new Date()) }
      : column,
  ),
  id: ({ id }) => id,
  weigh: (row) => (row.revoked_at === null ? 'usual' : 'bad'),
  load: (env) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId };
    return listUpTo(
      (query) => gateway.of(leadContract).call('listApiKeys', { params, query }),
      MOST,
    );
  },
  create: (env) => [creating(env)],
  actions: (env, row) =>
    row.revoked_at === null
      ? [changing(env, row), rotating(env, row), showing(env, row), revoking(env, row)]
      : [],
});

function creating(env: ConsoleEnv): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId };
  return {
    label: 'Create a key',
    needs: ['POST', LIST],
    form: () =>
      formFor({
        title: `A new API key of ${clientId}; its value is shown once`,
        schema: createApiKey.body.schema,
        ask: {
          name: { help: 'what it is for, e.g. website' },
          allowed_origins: {
            label: 'origins',
            help: 'sites whose forms may use it, e.g. https://acme.example',
          },
          scopes: {},
          rate_limit_per_minute: { label: 'per minute' },
        },
        command: (values) =>
          `leadctl key create ${word(values['name'] ?? '')}${listOption('--origin', values['allowed_origins'])}${listOption('--scope', values['scopes'])}${option('--per-minute', values['rate_limit_per_minute'])} --client ${clientId}`,
        submit: async (body) => {
          const made = bodyOf(
            await gateway.of(leadContract).call('createApiKey', { params, body }),
          );
          return [
            `Made ${made.name}; keep it now, it cannot be shown again:`,
            made.key,
            '',
            'The form of a website that sends leads with it:',
            ...(await snippetOf(env, made.key)),
          ].join('\n');
        },
      }),
  };
}

/** The HTML, line by line; why there is none where the gateway serves no script. */
async function snippetOf({ gateway, signal }: ConsoleEnv, key: string): Promise<string[]> {
  const { url } = gateway.settings;
  try {
    const script = await readEmbedScript(url, url, signal);
    return formHtml({ key, publicUrl: url, redirect: undefined, script }).split('\n');
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function showing(env: ConsoleEnv, { name }: ApiKey): Action {
  return {
    label: 'Show the form for a website',
    needs: ['GET', LIST],
    form: () =>
      confirmation({
        title: `The HTML of a form for ${name}; its value goes in place of ${KEY_PLACEHOLDER}`,
        command: 'leadctl key snippet --key-file FILE',
        submit: async () =>
          ['Show the form', ...(await snippetOf(env, KEY_PLACEHOLDER))].join('\n'),
      }),
  };
}

/** A repeatable option, once for each part of the list. */
function listOption(name: string, list: string | undefined): string {
  return (list ?? '')
    .split(',')
    .map((part) => option(name, part))
    .join('');
}

function changing(env: ConsoleEnv, { id, name, allowed_origins, scopes, ...key }: ApiKey): Action {
  const { gateway, clientId } = inClient(env);
  return {
    label: 'Change origins, scopes or limit',
    needs: ['PATCH', ONE],
    form: () =>
      formFor({
        title: `Change the key ${name}; its value stays`,
        schema: updateApiKey.body.schema,
        ask: {
          allowed_origins: { label: 'origins', initial: allowed_origins.join(', ') },
          scopes: { initial: scopes.join(', ') },
          rate_limit_per_minute: {
            label: 'per minute',
            initial: key.rate_limit_per_minute === null ? null : String(key.rate_limit_per_minute),
          },
        },
        command: () => `leadctl api PATCH '/api/clients/${clientId}/api-keys/${id}' --body FILE`,
        submit: async (body) => {
          const params = { client_id: clientId, key_id: id };
          bodyOf(await gateway.of(leadContract).call('updateApiKey', { params, body }));
          return `Changed ${name}`;
        },
      }),
  };
}

function rotating(env: ConsoleEnv, { id, name }: ApiKey): Action {
  const { gateway, clientId } = inClient(env);
  return {
    label: 'Rotate',
    needs: ['POST', `${ONE}/rotate`],
    form: () =>
      formFor({
        title: `Replace the key ${name}; the new value is shown once`,
        schema: rotateApiKey.body.schema,
        ask: {
          overlap_seconds: { label: 'overlap', help: 'seconds that the old one works on' },
        },
        command: (values) =>
          `leadctl key rotate ${id} --overlap ${values['overlap_seconds'] || '0'}s --client ${clientId}`,
        submit: async (body) => {
          const params = { client_id: clientId, key_id: id };
          const made = bodyOf(
            await gateway.of(leadContract).call('rotateApiKey', { params, body }),
          );
          return `Replaced ${name}; keep the new one now:\n${made.key}`;
        },
      }),
  };
}

function revoking(env: ConsoleEnv, { id, name }: ApiKey): Action {
  const { gateway, clientId } = inClient(env);
  return {
    label: 'Revoke',
    severe: true,
    needs: ['DELETE', ONE],
    form: () =>
      confirmation({
        title: `Revoke the key ${name} of ${clientId}?`,
        warning: 'What uses it is refused at once.',
        command: `leadctl key revoke ${id} --client ${clientId}`,
        submit: async () => {
          const params = { client_id: clientId, key_id: id };
          bodyOf(await gateway.of(leadContract).call('revokeApiKey', { params }));
          return `Revoked ${name}`;
        },
      }),
  };
}

import * as z from 'zod';
import { permissionContract } from '../../daemons/permission/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../cli/command.ts';
import { connect } from '../client/gateway.ts';
import { permissionView } from './role/view.ts';

/** `leadctl permission ls`. */
export const definePermission: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'ls', {
    summary: 'List what a role can be allowed; the services registered it themselves',
    options: [{ flags: '--service <service>', help: 'only of this service' }],
    input: z.object({ service: z.string().optional() }),
    examples: ['leadctl permission ls', 'leadctl permission ls --service lead -o name'],
    run: async (ctx, { service }) => {
      const permissions = (await connect(ctx)).of(permissionContract);
      const all = bodyOf(await permissions.call('listPermissions', {}));
      const rows = all.filter((one) => service === undefined || one.service === service);
      await ctx.render({ ...permissionView, rows });
    },
  });
};

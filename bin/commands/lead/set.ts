import * as z from 'zod';
import { LEAD_STATUSES, type LeadChange, leadContract } from '../../../daemons/lead/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { usageError } from '../../cli/failure.ts';
import { findInCatalogue } from '../../client/catalogue.ts';
import { type ClientGateway, connectToClient } from '../../client/scope.ts';
import { findLeadId } from '../../client/short-ids.ts';
import { leadArgument } from './read.ts';
import { leadView } from './view.ts';

const input = z.object({
  leadId: z.string(),
  status: z.enum(LEAD_STATUSES).optional(),
  name: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  product: z.string().optional(),
});
type Input = z.output<typeof input>;

/** `leadctl lead set`: its status, or what was written down wrong. */
export const defineLeadSet: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'set', {
    summary: 'Change the status of a lead, or correct what was written down wrong',
    args: [leadArgument],
    options: [
      { flags: '--status <status>', help: 'its new status', choices: LEAD_STATUSES },
      { flags: '--name <name>', help: 'the right name; "" takes it away' },
      { flags: '--email <address>', help: 'the right e-mail; "" takes it away' },
      { flags: '--phone <number>', help: 'the right phone; "" takes it away' },
      { flags: '--product <product>', help: 'path or id of one the client offers; "" for none' },
    ],
    input,
    examples: [
      'leadctl lead set LEAD_ID --status contacted',
      "leadctl lead set LEAD_ID --phone '+49 30 901820' --product Auto/SUV/Roadster",
    ],
    run: async (ctx, given) => {
      const gateway = await connectToClient(ctx);
      const changed = await gateway.of(leadContract).call('updateLead', {
        params: { client_id: gateway.clientId, lead_id: await findLeadId(gateway, given.leadId) },
        body: await readChange(gateway, given),
      });
      await ctx.render({ ...leadView, item: bodyOf(changed) });
    },
  });
};

async function readChange(
  gateway: ClientGateway,
  { status, name, email, phone, product }: Input,
): Promise<LeadChange> {
  const change: LeadChange = {
    ...(status === undefined ? {} : { status }),
    ...(name === undefined ? {} : { name: orNone(name) }),
    ...(email === undefined ? {} : { email: orNone(email) }),
    ...(phone === undefined ? {} : { phone: orNone(phone) }),
    ...(product === undefined ? {} : { product_id: await productId(gateway, product) }),
  };
  if (Object.keys(change).length > 0) return change;
  throw usageError('Nothing to change', 'leadctl lead set --help');
}

const orNone = (text: string): string | null => (text.trim() === '' ? null : text);

async function productId(gateway: ClientGateway, text: string): Promise<string | null> {
  return text.trim() === '' ? null : (await findInCatalogue(gateway, 'product', text)).id;
}

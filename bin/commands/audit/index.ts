import * as z from 'zod';
import {
  AUDIT_ACTOR_KINDS,
  type AuditEntryView,
  clientContract,
} from '../../../daemons/client/contract.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { allOption, limitOf, limitOption, listInput, moment } from '../../cli/specs.ts';
import { connect, type Gateway } from '../../client/gateway.ts';
import { findMember } from '../../client/members.ts';
import { listUpTo } from '../../client/paging.ts';
import { asId } from '../../client/pick.ts';
import { findUser } from '../../client/users.ts';
import type { Column } from '../../ui/columns.ts';
import { noteMore } from '../shared/list-note.ts';

export const auditColumns: readonly Column<AuditEntryView>[] = [
  { header: 'AGE', exactHeader: 'AT', value: (row) => new Date(row.at) },
  { header: 'ACTION', value: (row) => row.action, keep: true },
  { header: 'CLIENT', value: (row) => row.client_id },
  { header: 'BY', value: (row) => row.actor_kind },
  { header: 'ACTOR', value: (row) => row.actor_id, wide: true },
  { header: 'ADDRESS', value: (row) => row.ip },
  { header: 'TARGET', value: (row) => `${row.target_kind} ${row.target_id}` },
  { header: 'DETAIL', value: (row) => detailText(row.detail), wrap: true },
  { header: 'REQUEST', value: (row) => row.request_id, wide: true },
  { header: 'ID', value: (row) => row.id, id: true, wide: true },
];

const input = z.object({
  action: z.string().optional(),
  actor: z.string().optional(),
  kind: z.enum(AUDIT_ACTOR_KINDS).optional(),
  target: z.string().optional(),
  since: z
    .string()
    .transform(moment(() => new Date()))
    .optional(),
  until: z
    .string()
    .transform(moment(() => new Date()))
    .optional(),
  everywhere: z.boolean().default(false),
  ...listInput(50),
});
type Input = z.output<typeof input>;

/** `leadctl audit ls`. */
export const defineAudit: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'ls', {
    summary: 'List who changed what, and what strangers tried, newest first',
    options: [
      { flags: '--action <action>', help: 'only this, e.g. lead.erase or login.failed' },
      { flags: '--actor <actor>', help: 'only by this user (e-mail or id) or other id' },
      { flags: '--kind <kind>', help: 'only by such an actor', choices: AUDIT_ACTOR_KINDS },
      { flags: '--target <id>', help: 'only about the thing of this id' },
      { flags: '--since <time>', help: 'from then on: 2026-03-01, 24h, 7d' },
      { flags: '--until <time>', help: 'before then' },
      { flags: '--everywhere', help: 'every client’s, and what is of none, though one is named' },
      limitOption,
      allOption,
    ],
    input,
    examples: [
      'leadctl audit ls --client acme --since 24h',
      'leadctl audit ls --everywhere --kind anonymous',
      'leadctl audit ls --action lead.erase --actor rep@acme.example -o json',
    ],
    run: listAudit,
  });
};

async function listAudit(ctx: CommandContext, given: Input): Promise<void> {
  const gateway = await connect(ctx);
  const clientId = given.everywhere ? undefined : gateway.settings.client;
  const audit = gateway.of(clientContract);
  const query = {
    action: given.action,
    actor_kind: given.kind,
    actor_id: given.actor && (await actorId(gateway, clientId, given.actor)),
    target_id: given.target,
    since: given.since,
    until: given.until,
  };
  const found = await listUpTo(
    (page) =>
      clientId === undefined
        ? audit.call('listAudit', { query: { ...query, ...page } })
        : audit.call('listClientAudit', {
            params: { client_id: clientId },
            query: { ...query, ...page },
          }),
    limitOf(given),
  );
  await ctx.render({
    rows: found.items,
    columns: auditColumns,
    name: ({ id }) => id,
    empty: 'Nothing is on record.',
  });
  await noteMore(ctx, found);
}

/** An e-mail is looked up where the caller may: among the client's members, or among all users. */
async function actorId(
  gateway: Gateway,
  clientId: string | undefined,
  actor: string,
): Promise<string> {
  if (asId(actor) !== undefined || !actor.includes('@')) return actor;
  if (clientId === undefined) return (await findUser(gateway, actor)).id;
  return (await findMember({ ...gateway, clientId }, actor)).user_id;
}

function detailText(detail: Readonly<Record<string, unknown>>): string | null {
  const parts = Object.entries(detail).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return parts.join(' ') || null;
}

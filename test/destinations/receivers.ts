import { z } from 'zod';
import type { Bench } from '../integrations/bench.ts';

const hooks = z.object({
  data: z.array(z.object({ name: z.string(), id: z.string().nullable(), body: z.string() })),
});
const hookBody = z.object({ data: z.object({ lead: z.object({ id: z.string() }) }) });
const messages = z.object({
  data: z.array(
    z.object({ phone_number_id: z.string(), biz_opaque_callback_data: z.string().nullable() }),
  ),
});
const slack = z.object({ data: z.array(z.object({ hook: z.string(), text: z.string() })) });
const mails = z.object({ data: z.array(z.object({ to: z.array(z.string()), raw: z.string() })) });
const sheet = z.object({ values: z.array(z.array(z.coerce.string())) });

/** What came to one receiver: of each lead, or delivery, how often. */
export type Received = ReadonlyMap<string, number>;

function counted(keys: readonly (string | undefined)[]): Received {
  const counts = new Map<string, number>();
  for (const key of keys) if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** The doubles' own records, by the lead's id or by the delivery's, whichever the provider is told. */
export async function receivedBy(bench: Bench, receiver: string, sheetId: string) {
  const ask = async <T>(schema: z.ZodType<T>, path: string): Promise<T> =>
    schema.parse(await bench.control('GET', path));
  const sent = await ask(messages, '/whatsapp/messages');
  const posts = await ask(hooks, `/hooks?name=${receiver}`);
  const lines = await ask(slack, '/slack/messages');
  const mailbox = await ask(mails, '/mail');
  const { values } = await ask(sheet, `/sheets/${sheetId}`);
  return {
    whatsapp: counted(
      sent.data
        .filter((one) => one.phone_number_id === receiver)
        .map((one) => one.biz_opaque_callback_data ?? undefined),
    ),
    // The same webhook-id twice is the same message: a receiver tells repeats by it.
    webhook: counted([
      ...new Map(
        posts.data.map(({ id, body }) => [id, hookBody.parse(JSON.parse(body)).data.lead.id]),
      ).values(),
    ]),
    slack: counted(
      lines.data
        .filter(({ hook }) => hook === receiver)
        .map(({ text }) => /leadctl lead get ([\da-f-]{36})/.exec(text)?.[1]),
    ),
    email: counted([
      ...new Map(
        mailbox.data
          .filter(({ to }) => to.includes(`${receiver}@example.com`))
          .map(({ raw }) => [/message-id: (\S+)/i.exec(raw)?.[1], raw]),
      ).keys(),
    ]),
    google_sheets: counted(values.slice(1).map(([id]) => id)),
  };
}

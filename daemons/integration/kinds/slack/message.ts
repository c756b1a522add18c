import { escapeSlack } from '../../../../lib/providers/slack/client.ts';
import type { PlainDelivery } from '../../sending/plain.ts';
import { cut, factsOf, oneLine, whoIs } from '../facts.ts';
import { headlineOf } from '../occasion.ts';

const MOST_FACTS = 40;
const MOST_CHARACTERS = 500;

/** A lead as a message in Slack's mrkdwn, a fact a line; what came from outside is text and nothing else. */
export function slackMessage({
  delivery,
  fields,
}: Pick<PlainDelivery<unknown>, 'delivery' | 'fields'>): string {
  const { facts, left } = factsOf(fields, MOST_FACTS);
  const lines = facts.map(({ label, text }) => `${shown(label, 100)}: ${shown(text)}`);
  const more = left === 0 ? [] : [`… and ${left} more`];
  return [
    `*${headlineOf(delivery.occasion)}: ${shown(whoIs(fields), 100)}*`,
    ...lines,
    ...more,
    `\`leadctl lead get ${delivery.lead.id}\``,
  ].join('\n');
}

function shown(text: string, most = MOST_CHARACTERS): string {
  return escapeSlack(cut(oneLine(text), most));
}

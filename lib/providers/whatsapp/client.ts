import { z } from 'zod';
import { maskPersonal, maskPhone } from '../mask.ts';
import { because, retry } from '../outcome.ts';
import { createGraph, type GraphOptions, type GraphResult } from '../meta/graph.ts';
import { verdictOf, type GraphError } from '../meta/graph-errors.ts';
import { whatsAppErrors } from './errors.ts';
import { liveTemplateSchema, type LiveTemplate } from './live-template.ts';
import type { BodyParameter } from './template.ts';

export interface SendTemplate {
  readonly phoneNumberId: string;
  readonly accessToken: string;
  /** International, with or without its leading `+`. */
  readonly to: string;
  readonly template: {
    readonly name: string;
    readonly language: string;
    readonly parameters: readonly BodyParameter[];
  };
  /** Comes back with every status webhook; at most 512 characters. */
  readonly callbackData: string;
  readonly signal?: AbortSignal | undefined;
}

export interface SentTemplate {
  /** `wamid.…` */
  readonly messageId: string;
  /** `accepted` is not yet delivered: statuses come by webhook. */
  readonly messageStatus: 'accepted' | 'held_for_quality_assessment' | 'paused';
}

export interface GetTemplate {
  /** The WhatsApp Business Account's id. */
  readonly wabaId: string;
  readonly accessToken: string;
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

export interface GetPhoneNumber {
  readonly phoneNumberId: string;
  readonly accessToken: string;
  readonly signal?: AbortSignal | undefined;
}

export interface PhoneNumber {
  readonly id: string;
  readonly displayPhoneNumber: string | null;
  readonly verifiedName: string | null;
  /** `GREEN`, `YELLOW`, `RED` or `UNKNOWN`. */
  readonly qualityRating: string | null;
}

export interface WhatsAppClient {
  /** Sends once. `unknown` when it was sent and not answered: a status webhook tells. */
  sendTemplate(send: SendTemplate): Promise<GraphResult<SentTemplate>>;
  /** The templates of exactly this name, one a language; empty when there is none. */
  getTemplate(get: GetTemplate): Promise<GraphResult<readonly LiveTemplate[]>>;
  /** Shows that the token may use the number. */
  getPhoneNumber(get: GetPhoneNumber): Promise<GraphResult<PhoneNumber>>;
  close(): Promise<void>;
}

const MAX_CALLBACK_CHARACTERS = 512;

/** The WhatsApp Cloud API (developers.facebook.com/docs/whatsapp/cloud-api). */
export function createWhatsAppClient(options: GraphOptions): WhatsAppClient {
  const graph = createGraph(options);
  return {
    async sendTemplate(send) {
      if (send.callbackData.length > MAX_CALLBACK_CHARACTERS) {
        throw new RangeError(`callbackData is over ${MAX_CALLBACK_CHARACTERS} characters.`);
      }
      const to = internationalNumber(send.to);
      if (to === null) return invalidRecipient(send);
      return graph.call({
        operation: 'whatsapp.send_template',
        method: 'POST',
        path: [send.phoneNumberId, 'messages'],
        body: messageOf(send, to),
        accessToken: send.accessToken,
        answer: sentSchema,
        verdictOf: verdict,
        unanswered: { kind: 'unknown', resolve: 'await_status' },
        sent: summaryOf(send),
        secrets: [to, to.slice(1)],
        signal: send.signal,
      });
    },
    getTemplate: ({ wabaId, accessToken, name, signal }) =>
      graph.call({
        operation: 'whatsapp.get_template',
        method: 'GET',
        path: [wabaId, 'message_templates'],
        query: { name, fields: 'id,name,language,status,components', limit: '100' },
        accessToken,
        // The API's filter also finds names that only contain this one.
        answer: templatesSchema.transform(({ data }) => data.filter((one) => one.name === name)),
        verdictOf: verdict,
        unanswered: retry(),
        sent: { wabaId, name },
        signal,
      }),
    getPhoneNumber: ({ phoneNumberId, accessToken, signal }) =>
      graph.call({
        operation: 'whatsapp.get_phone_number',
        method: 'GET',
        path: [phoneNumberId],
        query: { fields: 'id,display_phone_number,verified_name,quality_rating' },
        accessToken,
        answer: phoneNumberSchema,
        verdictOf: verdict,
        unanswered: retry(),
        sent: { phoneNumberId },
        signal,
      }),
    close: () => graph.close(),
  };
}

function verdict(error: GraphError) {
  return verdictOf(whatsAppErrors, error);
}

// Without its plus, WhatsApp puts the business's own country code in front of a number.
function internationalNumber(to: string): string | null {
  const digits = to.trim().replace(/^\+/, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : null;
}

function messageOf({ template, callbackData }: SendTemplate, to: string) {
  const { name, language, parameters } = template;
  const body = parameters.length === 0 ? {} : { components: [{ type: 'body', parameters }] };
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to,
    type: 'template',
    template: { name, language: { code: language }, ...body },
    biz_opaque_callback_data: callbackData,
  };
}

function summaryOf({ phoneNumberId, to, template, callbackData }: SendTemplate) {
  const parameters = template.parameters.map(({ text }) => maskPersonal(text));
  const { name, language } = template;
  return {
    phoneNumberId,
    to: maskPhone(to),
    template: { name, language, parameters },
    callbackData,
  };
}

function invalidRecipient(send: SendTemplate): GraphResult<SentTemplate> {
  const message =
    'The number is not an international one, so nothing was sent: correct the phone of the lead, then retry.';
  const call = {
    operation: 'whatsapp.send_template',
    startedAt: new Date(),
    durationMs: 0,
    httpStatus: null,
    sent: summaryOf(send),
    traceId: null,
    usage: null,
  };
  return { ...because({ kind: 'permanent' }, { code: 'invalid_recipient', message }), call };
}

const sentSchema = z
  .object({
    messages: z.tuple([
      z.object({
        id: z.string().min(1),
        message_status: z
          .enum(['accepted', 'held_for_quality_assessment', 'paused'])
          .default('accepted'),
      }),
    ]),
  })
  .transform(({ messages: [message] }): SentTemplate => {
    return { messageId: message.id, messageStatus: message.message_status };
  });

const templatesSchema = z.object({ data: z.array(liveTemplateSchema) });

const phoneNumberSchema = z
  .object({
    id: z.string(),
    display_phone_number: z.string().optional(),
    verified_name: z.string().optional(),
    quality_rating: z.string().optional(),
  })
  .transform((number): PhoneNumber => {
    return {
      id: number.id,
      displayPhoneNumber: number.display_phone_number ?? null,
      verifiedName: number.verified_name ?? null,
      qualityRating: number.quality_rating ?? null,
    };
  });

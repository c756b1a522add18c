import { z } from 'zod';
import { retry } from '../outcome.ts';
import { metaErrors } from './errors.ts';
import { pageFormsSchema, type PageFormsPage } from './forms.ts';
import { verdictOf } from './graph-errors.ts';
import { createGraph, type GraphCall, type GraphOptions, type GraphResult } from './graph.ts';
import { META_LEAD_FIELDS, metaLeadSchema, type MetaLead } from './lead.ts';
import { cursorOf, queryAt } from './paging.ts';
import {
  appSubscriptionsSchema,
  pageSubscriptionsSchema,
  tokenInfoSchema,
  type AppSubscription,
  type PageSubscription,
  type TokenInfo,
} from './subscriptions.ts';

export interface MetaOptions extends GraphOptions {
  readonly appSecret: string;
}

interface WithToken {
  /** The page's access token. */
  readonly accessToken: string;
  readonly signal?: AbortSignal | undefined;
}

interface AsApp {
  readonly appId: string;
  readonly signal?: AbortSignal | undefined;
}

export interface FormLeads extends WithToken {
  readonly formId: string;
  /** Only leads made after this; Meta compares whole seconds and keeps leads 90 days. */
  readonly since?: Date | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  /** Leads a page. 100 unless told. */
  readonly limit?: number | undefined;
}

export interface FormLeadsPage {
  /** May be empty though another page follows. */
  readonly leads: readonly MetaLead[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export interface PageForms extends WithToken {
  readonly pageId: string;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface MetaClient {
  getLead(get: WithToken & { readonly leadgenId: string }): Promise<GraphResult<MetaLead>>;
  /** One page of a form's leads. */
  listFormLeads(list: FormLeads): Promise<GraphResult<FormLeadsPage>>;
  /** One page of a page's lead forms (developers.facebook.com/docs/graph-api/reference/page/leadgen_forms). */
  listForms(list: PageForms): Promise<GraphResult<PageFormsPage>>;
  /** The apps that a page sends its webhooks to. */
  getPageSubscriptions(
    get: WithToken & { readonly pageId: string },
  ): Promise<GraphResult<readonly PageSubscription[]>>;
  /** What the app itself is subscribed to. */
  getAppSubscriptions(get: AsApp): Promise<GraphResult<readonly AppSubscription[]>>;
  /** Whose token this is, what it may do and until when. */
  debugToken(get: AsApp & { readonly inputToken: string }): Promise<GraphResult<TokenInfo>>;
  close(): Promise<void>;
}

/** Reads leads and the state of their subscriptions (developers.facebook.com/docs/marketing-api/guides/lead-ads). */
export function createMetaClient(options: MetaOptions): MetaClient {
  const { appSecret, ...graphOptions } = options;
  const graph = createGraph(graphOptions);

  type Read<T> = Omit<GraphCall<T>, 'method' | 'verdictOf' | 'unanswered' | 'appSecret'>;
  const read = <T>(call: Read<T>): Promise<GraphResult<T>> =>
    graph.call({
      ...call,
      method: 'GET',
      appSecret,
      verdictOf: (error) => verdictOf(metaErrors, error),
      unanswered: retry(),
    });

  return {
    getLead: ({ leadgenId, accessToken, signal }) =>
      read({
        operation: 'meta.get_lead',
        path: [leadgenId],
        query: { fields: META_LEAD_FIELDS },
        accessToken,
        answer: metaLeadSchema,
        sent: { leadgenId },
        signal,
      }),
    listFormLeads: (list) =>
      read({
        operation: 'meta.list_form_leads',
        path: [list.formId, 'leads'],
        query: queryOf(list),
        accessToken: list.accessToken,
        answer: pageSchema,
        sent: { formId: list.formId, since: list.since?.toISOString() ?? null },
        signal: list.signal,
      }),
    listForms: ({ pageId, cursor, accessToken, signal }) =>
      read({
        operation: 'meta.list_forms',
        path: [pageId, 'leadgen_forms'],
        query: cursor === undefined ? { fields: 'id,name,status', limit: '100' } : queryAt(cursor),
        accessToken,
        answer: pageFormsSchema,
        sent: { pageId },
        signal,
      }),
    getPageSubscriptions: ({ pageId, accessToken, signal }) =>
      read({
        operation: 'meta.get_page_subscriptions',
        path: [pageId, 'subscribed_apps'],
        query: { fields: 'id,name,subscribed_fields' },
        accessToken,
        answer: pageSubscriptionsSchema,
        sent: { pageId },
        signal,
      }),
    getAppSubscriptions: ({ appId, signal }) =>
      read({
        operation: 'meta.get_app_subscriptions',
        path: [appId, 'subscriptions'],
        accessToken: `${appId}|${appSecret}`,
        answer: appSubscriptionsSchema,
        sent: { appId },
        signal,
      }),
    debugToken: ({ appId, inputToken, signal }) =>
      read({
        operation: 'meta.debug_token',
        path: ['debug_token'],
        query: { input_token: inputToken },
        accessToken: `${appId}|${appSecret}`,
        answer: tokenInfoSchema,
        sent: { appId },
        signal,
      }),
    close: () => graph.close(),
  };
}

function queryOf({ since, cursor, limit = 100 }: FormLeads): Record<string, string> {
  if (cursor !== undefined) return queryAt(cursor);
  const query = { fields: META_LEAD_FIELDS, limit: String(limit) };
  if (since === undefined) return query;
  const value = Math.floor(since.getTime() / 1000);
  const filtering = JSON.stringify([{ field: 'time_created', operator: 'GREATER_THAN', value }]);
  return { ...query, filtering };
}

const pageSchema = z
  .object({
    data: z.array(metaLeadSchema),
    paging: z.object({ next: z.url().optional() }).optional(),
  })
  .transform(({ data, paging }): FormLeadsPage => {
    return { leads: data, nextCursor: paging?.next === undefined ? null : cursorOf(paging.next) };
  });

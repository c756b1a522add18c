import {
  startFakeServer,
  type Answer,
  type Recorded,
} from '../../../lib/providers/testing/fake-server.ts';

export interface GraphLead {
  readonly id: string;
  readonly form_id: string;
  /** Unix milliseconds. */
  readonly createdMs: number;
  readonly platform?: 'fb' | 'ig';
  readonly fields?: Readonly<Record<string, string>>;
  readonly consent?: Readonly<Record<string, boolean>>;
}

export interface FakeGraph extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: readonly Recorded[];
  /** Tokens that are alive; what they may see is not told apart. */
  readonly tokens: Set<string>;
  add(...leads: readonly GraphLead[]): void;
  /** Forms of pages, for the pages' lists. */
  readonly forms: Map<string, readonly string[]>;
  /** Answers instead where it gives something; undefined ends it. */
  interfere(with_: ((request: Recorded) => Answer | undefined) | undefined): void;
}

const PAGE = 10;

/** As much of the Graph API as reading leads takes, in pages of 10, newest first. */
export async function startFakeGraph(): Promise<FakeGraph> {
  const server = await startFakeServer();
  const tokens = new Set<string>();
  const leads = new Map<string, GraphLead>();
  const forms = new Map<string, readonly string[]>();
  let interference: ((request: Recorded) => Answer | undefined) | undefined;
  const respond = (request: Recorded): Answer => {
    const [, , id = '', edge] = request.url.pathname.split('/');
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    if (!tokens.has(token)) return graphError(190, 'Error validating access token');
    if (edge === 'leadgen_forms') {
      return { body: { data: (forms.get(id) ?? []).map((form) => ({ id: form })) } };
    }
    if (edge === 'leads')
      return listOf(
        request,
        [...leads.values()].filter((one) => one.form_id === id),
      );
    const lead = leads.get(id);
    return lead ? { body: present(lead) } : graphError(100, 'Unsupported get request', 33);
  };
  server.answer((request) => interference?.(request) ?? respond(request));
  return {
    baseUrl: server.baseUrl,
    requests: server.requests,
    tokens,
    forms,
    add: (...given) => given.forEach((lead) => leads.set(lead.id, lead)),
    interfere: (with_) => (interference = with_),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export function graphError(code: number, message: string, subcode?: number): Answer {
  return { status: 400, body: { error: { code, message, error_subcode: subcode } } };
}

function listOf({ url }: Recorded, leads: readonly GraphLead[]): Answer {
  const since = /"value":(\d+)/.exec(url.searchParams.get('filtering') ?? '')?.[1] ?? '0';
  const matching = leads
    .filter(({ createdMs }) => Math.floor(createdMs / 1000) > Number(since))
    .toSorted((a, b) => b.createdMs - a.createdMs);
  const start = Number(url.searchParams.get('after') ?? 0);
  const next = new URL(url);
  next.searchParams.set('after', String(start + PAGE));
  const hasMore = start + PAGE < matching.length;
  return {
    body: {
      data: matching.slice(start, start + PAGE).map(present),
      paging: hasMore ? { next: next.href } : {},
    },
  };
}

function present(lead: GraphLead) {
  const { fields = { full_name: `Lead ${lead.id}`, email: `${lead.id}@example.com` } } = lead;
  return {
    id: lead.id,
    created_time: new Date(lead.createdMs).toISOString().replace(/\.\d+Z$/, '+0000'),
    form_id: lead.form_id,
    ad_id: '700',
    campaign_id: '800',
    platform: lead.platform ?? 'fb',
    is_organic: false,
    field_data: Object.entries(fields).map(([name, value]) => ({ name, values: [value] })),
    custom_disclaimer_responses: Object.entries(lead.consent ?? {}).map(([key, isChecked]) => ({
      checkbox_key: key,
      is_checked: isChecked ? '1' : '',
    })),
  };
}

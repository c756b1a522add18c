import type { MethodOptions, sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js';
import { sha256Hex } from '../../secrets/tokens.ts';
import type { Http, HttpFailure, HttpReply } from '../http.ts';
import type { ServiceAccount } from './account.ts';

type Fetch = NonNullable<MethodOptions['fetchImplementation']>;
type Exchange = HttpReply | HttpFailure;

/** Which call it was that `exchange` ended: the token's, so the API was not asked, or the API's. */
interface SheetsExchange {
  readonly phase: 'token' | 'api';
  readonly exchange: Exchange;
}

export type SheetsCall = (
  api: sheets_v4.Resource$Spreadsheets,
  options: MethodOptions,
) => Promise<unknown>;

export interface SheetsTransport {
  /** Makes one call as the account, its token fetched when it has none that is good. */
  exchange(
    account: ServiceAccount,
    call: SheetsCall,
    signal: AbortSignal | undefined,
  ): Promise<SheetsExchange>;
  /** Drops the account's token, so that the next call asks for another. */
  forgetToken(account: ServiceAccount): void;
}

export interface SheetsTransportOptions {
  /** Scheme, host and port only: the library keeps the API's own paths. */
  readonly rootUrl: string;
  readonly tokenUrl: string;
}

const SCOPES = ['https://www.googleapis.com/auth/spreadsheets'];
const MAX_ACCOUNTS = 1_000;

class TokenError extends Error {
  readonly exchange: Exchange;

  constructor(exchange: Exchange) {
    super('No access token.');
    this.exchange = exchange;
  }
}

/** 28 MB, loaded by the first call: many installations write to no sheet. */
const loadLibrary = () => import('googleapis/build/src/apis/sheets/index.js');
type Library = Awaited<ReturnType<typeof loadLibrary>>;

/**
 * Google's library on our own HTTP: it builds requests and keeps tokens, we bound the time, see
 * what was sent, and keep it from retrying by itself.
 */
export function createSheetsTransport(
  http: Http,
  { rootUrl, tokenUrl }: SheetsTransportOptions,
): SheetsTransport {
  const clients = new Map<string, sheets_v4.Sheets>();

  const clientOf = ({ auth, sheets }: Library, account: ServiceAccount): sheets_v4.Sheets => {
    const id = idOf(account);
    const known = clients.get(id);
    if (known !== undefined) return known;
    const jwt = new auth.JWT({
      email: account.email,
      key: account.privateKey,
      scopes: SCOPES,
      // The library fixes the token's URL, and retries this POST unless told not to.
      transporterOptions: {
        fetchImplementation: tokenFetch(http, new URL(tokenUrl)),
        retryConfig: { retry: 0, noResponseRetries: 0 },
      },
    });
    const client = sheets({ version: 'v4', auth: jwt, rootUrl });
    const oldest = clients.size >= MAX_ACCOUNTS ? clients.keys().next().value : undefined;
    if (oldest !== undefined) clients.delete(oldest);
    clients.set(id, client);
    return client;
  };

  return {
    async exchange(account, call, signal) {
      const library = await loadLibrary();
      const apiCall = apiFetch(http, signal);
      const options = {
        fetchImplementation: apiCall.fetch,
        retry: false,
        retryConfig: { retry: 0, noResponseRetries: 0 },
      };
      try {
        await call(clientOf(library, account).spreadsheets, options);
      } catch (error) {
        const tokenError = tokenErrorIn(error);
        if (tokenError !== null) return { phase: 'token', exchange: tokenError.exchange };
        if (apiCall.exchange() === null) throw error;
      }
      const exchange = apiCall.exchange();
      if (exchange === null) throw new Error('The Sheets library made no request.');
      return { phase: 'api', exchange };
    },
    forgetToken: (account) => void clients.delete(idOf(account)),
  };
}

function idOf({ email, privateKey }: ServiceAccount): string {
  return sha256Hex(`${email}\n${privateKey}`);
}

function apiFetch(http: Http, signal: AbortSignal | undefined) {
  let exchange: Exchange | null = null;
  const fetch: Fetch = async (input, init) => {
    exchange = await send(http, new URL(urlOf(input)), init, signal);
    if (exchange.kind === 'failure') throw new Error(exchange.message);
    return responseOf(exchange);
  };
  return { fetch, exchange: (): Exchange | null => exchange };
}

function tokenFetch(http: Http, tokenUrl: URL): Fetch {
  return async (_input, init) => {
    const exchange = await send(http, tokenUrl, init, undefined);
    if (exchange.kind === 'failure' || exchange.status !== 200) throw new TokenError(exchange);
    return responseOf(exchange);
  };
}

async function send(
  http: Http,
  url: URL,
  init: Parameters<Fetch>[1],
  signal: AbortSignal | undefined,
): Promise<Exchange> {
  const headers = new Headers(init?.headers);
  // Nothing here unzips.
  headers.set('accept-encoding', 'identity');
  const { body } = init ?? {};
  if (body instanceof URLSearchParams) {
    headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  return http.send({
    method: methodOf(init?.method),
    url,
    headers: Object.fromEntries(headers),
    ...(body == null ? {} : { body: textOf(body) }),
    signal,
  });
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('Only text is sent to Google.');
}

function methodOf(method: string | undefined): 'GET' | 'POST' | 'PUT' {
  if (method === 'POST' || method === 'PUT') return method;
  return 'GET';
}

function urlOf(input: Parameters<Fetch>[0]): string {
  if (typeof input === 'string') return input;
  return input instanceof URL ? input.href : input.url;
}

function responseOf(reply: HttpReply): Response {
  const type = reply.header('content-type') ?? 'application/json';
  const body = reply.status === 204 || reply.status === 304 ? null : reply.text;
  return new Response(body, { status: reply.status, headers: { 'content-type': type } });
}

// The library wraps what a fetch throws.
function tokenErrorIn(error: unknown): TokenError | null {
  let inner: unknown = error;
  for (let depth = 0; depth < 5 && inner instanceof Error; depth += 1) {
    if (inner instanceof TokenError) return inner;
    inner = inner.cause;
  }
  return null;
}

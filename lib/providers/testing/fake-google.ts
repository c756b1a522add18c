import { generateKeyPairSync } from 'node:crypto';
import { parseServiceAccount, type ServiceAccount } from '../google-sheets/account.ts';
import { createSheetsClient, type SheetsClient } from '../google-sheets/client.ts';
import { startFakeServer, type Answer, type FakeServer, type Recorded } from './fake-server.ts';

export const FAKE_EMAIL = 'leads@project.iam.gserviceaccount.com';

/** Two rows that are text, though they do not look like it. */
export const ROWS = [
  ['=HYPERLINK("x")', '+4915123456789'],
  ['007', ''],
];
/** What Sheets answers when it has appended them. */
export const APPENDED: Answer = {
  body: { updates: { updatedRange: "'Leads'!A2:B3", updatedRows: 2 } },
};

export interface FakeAccount {
  readonly account: ServiceAccount;
  /** PEM, to check what the account signed. */
  readonly publicKey: string;
}

export interface FakeGoogle extends AsyncDisposable {
  readonly server: FakeServer;
  readonly client: SheetsClient;
  /** Answers the token endpoint well, and the API as told. */
  api(answer: Answer): void;
  apiRequests(): Recorded[];
  tokenRequests(): Recorded[];
}

/** A service account with a key of its own. */
export function makeFakeAccount(): FakeAccount {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const file = { type: 'service_account', client_email: FAKE_EMAIL, private_key: privateKey };
  const parsed = parseServiceAccount(JSON.stringify(file));
  if (!parsed.ok) throw new Error(parsed.message);
  return { account: parsed.account, publicKey };
}

/** A token endpoint and a Sheets API on one server, and a client of both. */
export async function startFakeGoogle(rootUrl?: string): Promise<FakeGoogle> {
  const server = await startFakeServer();
  const tokenUrl = `${server.baseUrl}/token`;
  const client = createSheetsClient({
    rootUrl: rootUrl ?? server.baseUrl,
    tokenUrl,
    timeoutMs: 200,
  });
  const isToken = ({ url }: Recorded) => url.pathname === '/token';
  const token = { body: { access_token: 'ya29.token', expires_in: 3600, token_type: 'Bearer' } };
  return {
    server,
    client,
    api: (answer) => server.answer((request) => (isToken(request) ? token : answer)),
    apiRequests: () => server.requests.filter((request) => !isToken(request)),
    tokenRequests: () => server.requests.filter(isToken),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await client.close();
    },
  };
}

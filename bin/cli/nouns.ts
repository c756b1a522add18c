import { type Noun, toolNouns } from './tool-nouns.ts';

const RUN = 'Run:';
const ACCESS = 'Access:';
const CLIENTS = 'Clients and people:';
const CATALOGUE = 'Catalogue:';
const LEADS = 'Leads and deliveries:';

/** The first words of every command line, with no more than `leadctl --help` has to say of them. */
export const nouns: readonly Noun[] = [
  {
    name: 'up',
    summary: 'Start the platform on this machine',
    group: RUN,
    load: async () => (await import('../commands/up.ts')).defineUp,
  },
  {
    name: 'status',
    summary: 'Show which services are up',
    group: RUN,
    load: async () => (await import('../commands/status.ts')).defineStatus,
  },
  {
    name: 'doctor',
    summary: 'Find what is set up wrong, with the remedy',
    group: RUN,
    load: async () => (await import('../commands/doctor/index.ts')).defineDoctor,
  },
  {
    name: 'logs',
    summary: 'Show what a platform on this machine wrote down',
    group: RUN,
    load: async () => (await import('../commands/logs/index.ts')).defineLogs,
  },
  {
    name: 'migrate',
    summary: 'Bring the database to this version',
    group: RUN,
    load: async () => (await import('../commands/migrate.ts')).defineMigrate,
  },
  {
    name: 'sandbox',
    summary: 'Steer the provider sandbox',
    group: RUN,
    load: async () => (await import('../commands/sandbox/index.ts')).defineSandbox,
  },
  {
    name: 'secrets',
    summary: 'Make the secrets of an installation, rotate the keys that encrypt stored ones',
    group: RUN,
    load: async () => (await import('../commands/secrets.ts')).defineSecrets,
  },
  {
    name: 'login',
    summary: 'Log in to a gateway',
    group: ACCESS,
    load: async () => (await import('../commands/login/index.ts')).defineLogin,
  },
  {
    name: 'logout',
    summary: 'Log out and forget the tokens',
    group: ACCESS,
    load: async () => (await import('../commands/logout.ts')).defineLogout,
  },
  {
    name: 'whoami',
    summary: 'Show who is logged in, and where',
    group: ACCESS,
    load: async () => (await import('../commands/whoami.ts')).defineWhoami,
  },
  {
    name: 'password',
    summary: 'Set, change or recover your password',
    group: ACCESS,
    load: async () => (await import('../commands/password.ts')).definePassword,
  },
  {
    name: 'session',
    summary: 'Where you are logged in',
    group: ACCESS,
    load: async () => (await import('../commands/session.ts')).defineSession,
  },
  {
    name: 'totp',
    summary: 'An authenticator app for your logins',
    group: ACCESS,
    load: async () => (await import('../commands/totp.ts')).defineTotp,
  },
  {
    name: 'can-i',
    summary: 'Ask whether a request is allowed, and by which role',
    group: ACCESS,
    load: async () => (await import('../commands/can-i.ts')).defineCanI,
  },
  {
    name: 'who-can',
    summary: 'Ask which roles may do something',
    group: ACCESS,
    load: async () => (await import('../commands/who-can.ts')).defineWhoCan,
  },
  {
    name: 'admin',
    summary: 'Create the first administrator',
    group: ACCESS,
    load: async () => (await import('../commands/admin.ts')).defineAdmin,
  },
  {
    name: 'client',
    summary: 'Clients: create, list, suspend, archive',
    group: CLIENTS,
    load: async () => (await import('../commands/client/index.ts')).defineClient,
  },
  {
    name: 'onboard',
    summary: 'Take a new client to its first delivered lead',
    group: CLIENTS,
    load: async () => (await import('../commands/onboard.ts')).defineOnboard,
  },
  {
    name: 'user',
    summary: 'Users: create, list, disable',
    group: CLIENTS,
    load: async () => (await import('../commands/user/index.ts')).defineUser,
  },
  {
    name: 'member',
    summary: 'Members of a client: add, invite, move, remove',
    group: CLIENTS,
    load: async () => (await import('../commands/member/index.ts')).defineMember,
  },
  {
    name: 'role',
    summary: 'Roles and what they may do',
    group: CLIENTS,
    load: async () => (await import('../commands/role/index.ts')).defineRole,
  },
  {
    name: 'permission',
    summary: 'Permissions that the services registered',
    group: CLIENTS,
    load: async () => (await import('../commands/permission.ts')).definePermission,
  },
  {
    name: 'hierarchy',
    summary: 'The tree of members, and who is above whom',
    group: CLIENTS,
    load: async () => (await import('../commands/hierarchy.ts')).defineHierarchy,
  },
  {
    name: 'key',
    summary: 'API keys: create, rotate, revoke',
    group: CLIENTS,
    load: async () => (await import('../commands/key/index.ts')).defineKey,
  },
  {
    name: 'audit',
    summary: 'Who changed what, and what strangers tried',
    group: CLIENTS,
    load: async () => (await import('../commands/audit/index.ts')).defineAudit,
  },
  {
    name: 'token',
    summary: 'Machine tokens for CI and scripts: create, revoke',
    group: CLIENTS,
    load: async () => (await import('../commands/token/index.ts')).defineToken,
  },
  {
    name: 'industry',
    summary: 'Industries',
    group: CATALOGUE,
    load: async () => (await import('../commands/catalogue/index.ts')).defineIndustry,
  },
  {
    name: 'category',
    summary: 'Categories of an industry',
    group: CATALOGUE,
    load: async () => (await import('../commands/catalogue/index.ts')).defineCategory,
  },
  {
    name: 'product',
    summary: 'Products, and which client offers them',
    group: CATALOGUE,
    load: async () => (await import('../commands/product/index.ts')).defineProduct,
  },
  {
    name: 'lead',
    summary: 'Leads: send, list, follow, assign, export',
    group: LEADS,
    load: async () => (await import('../commands/lead/index.ts')).defineLead,
  },
  {
    name: 'refusals',
    summary: 'What was not taken, by key, origin, address and reason',
    group: LEADS,
    load: async () => (await import('../commands/refusals/index.ts')).defineRefusals,
  },
  {
    name: 'delivery',
    summary: 'Deliveries: list, retry, replay',
    group: LEADS,
    load: async () => (await import('../commands/delivery/index.ts')).defineDelivery,
  },
  {
    name: 'destination',
    summary: 'Where leads go: create, test, release, backfill',
    group: LEADS,
    load: async () => (await import('../commands/destination/index.ts')).defineDestination,
  },
  {
    name: 'integration',
    summary: 'WhatsApp, Google Sheets and Meta of a client',
    group: LEADS,
    load: async () => (await import('../commands/integration/index.ts')).defineIntegration,
  },
  {
    name: 'meta',
    summary: 'Meta pages and forms, and what was missed',
    group: LEADS,
    load: async () => (await import('../commands/meta/index.ts')).defineMeta,
  },
  {
    name: 'webhook',
    summary: 'Webhook events, and test traffic',
    group: LEADS,
    load: async () => (await import('../commands/webhook/index.ts')).defineWebhook,
  },
  {
    name: 'listen',
    summary: 'Forward leads to a program that you are writing',
    group: LEADS,
    load: async () => (await import('../commands/listen.ts')).defineListen,
  },
  {
    name: 'dashboard',
    summary: 'Watch the whole platform',
    group: LEADS,
    load: async () => (await import('../commands/dashboard/index.ts')).defineDashboard,
  },
  {
    name: 'ui',
    summary: 'The console: full screen, to look at everything and act',
    group: LEADS,
    load: async () => (await import('../commands/ui.ts')).defineUi,
  },
  ...toolNouns,
];

import type { DefineCommand } from './command.ts';

export interface Noun {
  readonly name: string;
  readonly summary: string;
  /** Heading in `leadctl --help`. */
  readonly group: string;
  /** Imports the noun's module; done only when the noun is used. Not listed while there is none. */
  readonly load?: () => Promise<DefineCommand>;
}

const RUN = 'Run:';
const ACCESS = 'Access:';
const CLIENTS = 'Clients and people:';
const CATALOGUE = 'Catalogue:';
const LEADS = 'Leads and deliveries:';
const WHOLE = 'Whole set-ups:';
const TOOL = 'This tool:';

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
    load: async () => (await import('../commands/doctor.ts')).defineDoctor,
  },
  {
    name: 'logs',
    summary: 'Show what a platform on this machine wrote down',
    group: RUN,
    load: async () => (await import('../commands/logs.ts')).defineLogs,
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
    load: async () => (await import('../commands/sandbox.ts')).defineSandbox,
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
    load: async () => (await import('../commands/login.ts')).defineLogin,
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
    load: async () => (await import('../commands/client.ts')).defineClient,
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
    load: async () => (await import('../commands/user.ts')).defineUser,
  },
  {
    name: 'member',
    summary: 'Members of a client: add, invite, move, remove',
    group: CLIENTS,
    load: async () => (await import('../commands/member.ts')).defineMember,
  },
  {
    name: 'role',
    summary: 'Roles and what they may do',
    group: CLIENTS,
    load: async () => (await import('../commands/role.ts')).defineRole,
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
    load: async () => (await import('../commands/key.ts')).defineKey,
  },
  {
    name: 'audit',
    summary: 'Who changed what, and what strangers tried',
    group: CLIENTS,
    load: async () => (await import('../commands/audit.ts')).defineAudit,
  },
  {
    name: 'token',
    summary: 'Machine tokens for CI and scripts: create, revoke',
    group: CLIENTS,
    load: async () => (await import('../commands/token.ts')).defineToken,
  },
  {
    name: 'industry',
    summary: 'Industries',
    group: CATALOGUE,
    load: async () => (await import('../commands/catalogue.ts')).defineIndustry,
  },
  {
    name: 'category',
    summary: 'Categories of an industry',
    group: CATALOGUE,
    load: async () => (await import('../commands/catalogue.ts')).defineCategory,
  },
  {
    name: 'product',
    summary: 'Products, and which client offers them',
    group: CATALOGUE,
    load: async () => (await import('../commands/product.ts')).defineProduct,
  },
  {
    name: 'lead',
    summary: 'Leads: send, list, follow, assign, export',
    group: LEADS,
    load: async () => (await import('../commands/lead.ts')).defineLead,
  },
  {
    name: 'refusals',
    summary: 'What was not taken, by key, origin, address and reason',
    group: LEADS,
    load: async () => (await import('../commands/refusals.ts')).defineRefusals,
  },
  {
    name: 'delivery',
    summary: 'Deliveries: list, retry, replay',
    group: LEADS,
    load: async () => (await import('../commands/delivery.ts')).defineDelivery,
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
    load: async () => (await import('../commands/integration.ts')).defineIntegration,
  },
  {
    name: 'meta',
    summary: 'Meta pages and forms, and what was missed',
    group: LEADS,
    load: async () => (await import('../commands/meta.ts')).defineMeta,
  },
  {
    name: 'webhook',
    summary: 'Webhook events, and test traffic',
    group: LEADS,
    load: async () => (await import('../commands/webhook.ts')).defineWebhook,
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
    load: async () => (await import('../commands/dashboard.ts')).defineDashboard,
  },
  {
    name: 'ui',
    summary: 'The console: full screen, to look at everything and act',
    group: LEADS,
    load: async () => (await import('../commands/ui.ts')).defineUi,
  },
  {
    name: 'apply',
    summary: 'Make a manifest true',
    group: WHOLE,
    load: async () => (await import('../commands/apply.ts')).defineApply,
  },
  {
    name: 'diff',
    summary: 'Show what apply would change',
    group: WHOLE,
    load: async () => (await import('../commands/diff.ts')).defineDiff,
  },
  {
    name: 'export',
    summary: 'Write a manifest of what is there',
    group: WHOLE,
    load: async () => (await import('../commands/export.ts')).defineExport,
  },
  {
    name: 'edit',
    summary: 'Change something in your editor',
    group: TOOL,
    load: async () => (await import('../commands/edit/index.ts')).defineEdit,
  },
  {
    name: 'api',
    summary: 'Send any request',
    group: TOOL,
    load: async () => (await import('../commands/api.ts')).defineApi,
  },
  {
    name: 'explain',
    summary: 'What the API has, field by field',
    group: TOOL,
    load: async () => (await import('../commands/explain.ts')).defineExplain,
  },
  {
    name: 'open',
    summary: 'Open a page of the platform in a browser',
    group: TOOL,
    load: async () => (await import('../commands/open.ts')).defineOpen,
  },
  {
    name: 'version',
    summary: 'Versions of this tool and of the gateway',
    group: TOOL,
    load: async () => (await import('../commands/version.ts')).defineVersion,
  },
  {
    name: 'context',
    summary: 'Stored gateways and the client one means there',
    group: TOOL,
    load: async () => (await import('../commands/context.ts')).defineContext,
  },
  {
    name: 'completion',
    summary: 'Completion for bash, zsh and fish',
    group: TOOL,
    load: async () => (await import('../commands/completion.ts')).defineCompletion,
  },
];

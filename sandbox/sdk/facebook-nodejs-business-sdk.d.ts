/** The package has no types of its own; this is the part that its test calls. */
declare module 'facebook-nodejs-business-sdk' {
  type Params = Readonly<Record<string, unknown>>;

  export const FacebookAdsApi: {
    init(accessToken: string, locale?: string, crashLog?: boolean): unknown;
  };

  interface Node {
    readonly id: string;
    readonly _data: Readonly<Record<string, unknown>>;
  }

  interface Cursor extends Array<Node> {
    hasNext(): boolean;
    next(): Promise<Cursor>;
  }

  export class Lead {
    constructor(id: string);
    get(fields: readonly string[], params?: Params): Promise<Node>;
  }

  export class LeadgenForm {
    constructor(id: string);
    getLeads(fields: readonly string[], params?: Params): Promise<Cursor>;
  }

  export class Page {
    constructor(id: string);
    getLeadGenForms(fields: readonly string[], params?: Params): Promise<Cursor>;
    getSubscribedApps(fields: readonly string[], params?: Params): Promise<Cursor>;
    createSubscribedApp(fields: readonly string[], params?: Params): Promise<Node>;
  }
}

import { createBoundedMap } from '../bounded.ts';

export interface AppSubscription {
  readonly object: string;
  readonly callback_url: string;
  readonly active: boolean;
  readonly fields: readonly string[];
}

/** Which webhooks an app asked for, and which pages have the app installed. */
export interface Subscriptions {
  subscribePage(pageId: string, fields: readonly string[]): void;
  unsubscribePage(pageId: string): void;
  pageFields(pageId: string): readonly string[] | undefined;
  subscribeApp(appId: string, subscription: AppSubscription): void;
  unsubscribeApp(appId: string, object: string | null): void;
  ofApp(appId: string): readonly AppSubscription[];
  clear(): void;
}

export function createSubscriptions(): Subscriptions {
  const pages = createBoundedMap<readonly string[]>(1_000);
  const apps = createBoundedMap<readonly AppSubscription[]>(1_000);
  const ofApp = (appId: string) => apps.get(appId) ?? [];
  return {
    subscribePage: (pageId, fields) => pages.set(pageId, fields),
    unsubscribePage: (pageId) => pages.delete(pageId),
    pageFields: (pageId) => pages.get(pageId),
    subscribeApp(appId, subscription) {
      const others = ofApp(appId).filter(({ object }) => object !== subscription.object);
      apps.set(appId, [...others, subscription]);
    },
    unsubscribeApp(appId, object) {
      const left = ofApp(appId).filter((one) => object !== null && one.object !== object);
      apps.set(appId, left);
    },
    ofApp,
    clear() {
      pages.clear();
      apps.clear();
    },
  };
}

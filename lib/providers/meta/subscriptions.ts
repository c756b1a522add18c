import { z } from 'zod';
import { bigIdSchema } from '../../core/big-id.ts';

/** An app that a page sends its webhooks to. */
export interface PageSubscription {
  readonly appId: string;
  readonly name: string | null;
  /** Must hold `leadgen` for leads to come. */
  readonly fields: readonly string[];
}

/** What the app as a whole is subscribed to, by object. */
export interface AppSubscription {
  readonly object: string;
  readonly callbackUrl: string | null;
  readonly active: boolean;
  readonly fields: readonly string[];
}

/** What Meta says about a token. */
export interface TokenInfo {
  readonly isValid: boolean;
  readonly appId: string | null;
  /** `PAGE`, `USER`, `SYSTEM_USER` … */
  readonly type: string | null;
  /** Null when it never expires, as a page token made from a long-lived one. */
  readonly expiresAt: Date | null;
  readonly scopes: readonly string[];
  /** The objects a scope is limited to, such as the WhatsApp accounts a token may use. */
  readonly granularScopes: readonly {
    readonly scope: string;
    readonly targetIds: readonly string[];
  }[];
  /** Why it is invalid, in Meta's words. */
  readonly problem: string | null;
}

export const pageSubscriptionsSchema = z
  .object({
    data: z.array(
      z.object({
        id: bigIdSchema,
        name: z.string().optional(),
        subscribed_fields: z.array(z.string()).default([]),
      }),
    ),
  })
  .transform(({ data }): readonly PageSubscription[] =>
    data.map(({ id, name, subscribed_fields: fields }) => {
      return { appId: id, name: name ?? null, fields };
    }),
  );

// Fields come as bare names, or with the API version each was subscribed under.
const fieldSchema = z.union([
  z.string(),
  z.object({ name: z.string() }).transform(({ name }) => name),
]);

export const appSubscriptionsSchema = z
  .object({
    data: z.array(
      z.object({
        object: z.string(),
        callback_url: z.string().optional(),
        active: z.boolean().default(true),
        fields: z.array(fieldSchema).default([]),
      }),
    ),
  })
  .transform(({ data }): readonly AppSubscription[] =>
    data.map(({ object, callback_url: callbackUrl, active, fields }) => {
      return { object, callbackUrl: callbackUrl ?? null, active, fields };
    }),
  );

export const tokenInfoSchema = z
  .object({
    data: z.object({
      is_valid: z.boolean(),
      app_id: bigIdSchema.optional(),
      type: z.string().optional(),
      expires_at: z.number().default(0),
      scopes: z.array(z.string()).default([]),
      granular_scopes: z
        .array(z.object({ scope: z.string(), target_ids: z.array(bigIdSchema).default([]) }))
        .default([]),
      error: z.object({ message: z.string() }).optional(),
    }),
  })
  .transform(({ data }): TokenInfo => {
    return {
      isValid: data.is_valid,
      appId: data.app_id ?? null,
      type: data.type ?? null,
      expiresAt: data.expires_at === 0 ? null : new Date(data.expires_at * 1000),
      scopes: data.scopes,
      granularScopes: data.granular_scopes.map(({ scope, target_ids: targetIds }) => {
        return { scope, targetIds };
      }),
      problem: data.error?.message ?? null,
    };
  });

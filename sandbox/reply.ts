/** An answer in the provider's own form, with the status and headers that go with it. */
export type ProviderReply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
} & (
  | { /** Sent as JSON. */ readonly body: unknown }
  | { /** Sent as plain text. */ readonly text: string }
);

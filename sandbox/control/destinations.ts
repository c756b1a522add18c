import type { ControlDeps, ControlHandlers } from './deps.ts';

type DestinationHandlers = Pick<
  ControlHandlers,
  'listHooks' | 'expectSignature' | 'listSlackMessages' | 'listMail'
>;

/** What came to the emulated receivers of webhooks, Slack messages and mail. */
export function destinationHandlers({ state }: ControlDeps): DestinationHandlers {
  return {
    listHooks: ({ query }) => {
      const data = state.hooks
        .all()
        .filter(({ name }) => (query.name ?? name) === name)
        .map((hook) => ({ ...hook, headers: { ...hook.headers } }));
      return { data };
    },
    expectSignature: ({ params, body }) => {
      state.hooks.expect(params.name, body.secret);
      return { ok: true };
    },
    listSlackMessages: () => ({ data: [...state.slackMessages.all()] }),
    listMail: () => {
      const data = state.mailbox.all().map((mail) => ({ ...mail, to: [...mail.to] }));
      return { data };
    },
  };
}

import type { AttemptResult, ClaimedDelivery } from './model.ts';
import { failed } from './settle.ts';

export type Rendered<T> =
  | { readonly ok: true; readonly delivery: ClaimedDelivery; readonly value: T }
  | { readonly ok: false; readonly result: AttemptResult };

/**
 * What is sent of each delivery. One that cannot be rendered fails alone, with a reason that a person
 * understands; the others of its claim go out.
 */
export function renderEach<T>(
  deliveries: readonly ClaimedDelivery[],
  render: (delivery: ClaimedDelivery) => T,
): Rendered<T>[] {
  return deliveries.map((delivery) => {
    try {
      return { ok: true, delivery, value: render(delivery) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `What this lead holds cannot be put into what is sent (${why}). Look at it with "leadctl lead get ${delivery.lead.id}"; the others are not concerned.`;
      const reason = { code: 'not_renderable', message };
      return { ok: false, result: failed(delivery, reason, null, delivery.is_doubtful) };
    }
  });
}

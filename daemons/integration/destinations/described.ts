import { z } from 'zod';
import type { Kind, Kinds } from '../kinds/kind.ts';
import type { DestinationKind } from './shapes.ts';

/** All that can be said of the kinds, for whoever makes forms, flags or help of it. */
export function describeKinds(kinds: Kinds): readonly DestinationKind[] {
  return [...kinds.values()].map(describe);
}

function describe({ kind, title, settings, secrets, checkIsSilent }: Kind): DestinationKind {
  return {
    kind,
    title,
    // What only code can judge is left out; the refusal of a bad value says it.
    settings_schema: { ...z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' }) },
    check_is_silent: checkIsSilent ?? false,
    secrets: Object.entries(secrets).map(([name, spec]) => ({
      name,
      title: spec.title,
      required: spec.isRequired,
      made_when_missing: spec.make !== undefined,
    })),
  };
}

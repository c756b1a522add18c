import { z } from 'zod';
import { flag, time } from '../../../lib/contract/shapes.ts';
import { check } from '../checks/shapes.ts';
import { destinationName } from '../deliveries/shapes.ts';
import { leadFilter } from './filter.ts';
import { OCCASIONS } from './model.ts';

/** A kind as forms and the command line need it. */
export const destinationKind = z.object({
  kind: z.string(),
  title: z.string(),
  /** JSON Schema of what is given as `settings`. */
  settings_schema: z.record(z.string(), z.unknown()),
  /** Nobody sees its check, so that it may be made unasked; else it is made by `…/test` alone. */
  check_is_silent: z.boolean(),
  secrets: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      required: z.boolean(),
      /** Where none is given one is made, and shown in that answer alone. */
      made_when_missing: z.boolean(),
    }),
  ),
});
export type DestinationKind = z.input<typeof destinationKind>;

/** `lint=true` checks it even where people see that; `lint=false` never; else where nobody does. */
export const destinationQuery = z.object({ lint: flag.optional() });

const name = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, {
  message:
    'must be lower-case letters, digits, - and _, at most 63, and begin with a letter or digit',
});
const kind = z.string().min(1).max(100);
const on = z
  .array(z.enum(OCCASIONS))
  .min(1)
  .max(OCCASIONS.length)
  .refine((all) => new Set(all).size === all.length, { message: 'names an event twice' })
  .meta({ uniqueItems: true });
/** By the schema of the kind; `GET /api/destination-kinds` has it. */
const settings = z.record(z.string(), z.unknown());
/** Each by its name: its value, or `{"set":true}` for the one that is there; null for none. */
const secrets = z.record(z.string().min(1).max(100), z.unknown());

export const newDestination = z.strictObject({
  name,
  kind,
  enabled: z.boolean().default(true),
  on: on.default(['lead.created']),
  filter: leadFilter.nullish(),
  settings: settings.default({}),
  secrets: secrets.default({}),
});
export type NewDestination = z.output<typeof newDestination>;

export const destinationChange = z
  .strictObject({
    name,
    /** Only as it is. */
    kind,
    enabled: z.boolean(),
    on,
    /** As a whole; null for none. */
    filter: leadFilter.nullable(),
    /** Key by key; null clears one. */
    settings,
    secrets,
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { message: 'names nothing to change' })
  .meta({ minProperties: 1 });
export type DestinationChange = z.output<typeof destinationChange>;

const secretMark = z.object({
  set: z.literal(true),
  updated_at: time,
  /** By it whoever holds a secret can tell whether it is this one. */
  fingerprint: z.string(),
  /** Until then the secret before this one is used beside it. */
  previous_until: time.optional(),
});

const destinationFields = {
  id: z.string(),
  client_id: z.string(),
  name: z.string(),
  kind: z.string(),
  enabled: z.boolean(),
  on: z.array(z.enum(OCCASIONS)),
  filter: leadFilter,
  settings,
  version: z.int(),
  /** Why the platform switched it off by itself. */
  disabled: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Its lanes that are held: what is wrong and what to do. */
  held: z.array(
    z.object({ account: z.string(), code: z.string(), message: z.string(), held_at: time }),
  ),
  created_at: time,
  updated_at: time,
};

export const destination = z.object({
  ...destinationFields,
  /** Each that its kind has; null while it is not set. */
  secrets: z.record(z.string(), secretMark.nullable()),
});
export type ShownDestination = z.input<typeof destination>;

/** What a check found wrong with what was saved. */
const warnings = z.array(z.object({ code: z.string(), message: z.string(), remedy: z.string() }));
export type DestinationWarning = z.input<typeof warnings>[number];

export const changedDestination = destination.extend({ warnings });
export type ChangedDestination = z.input<typeof changedDestination>;

export const madeDestination = changedDestination.extend({
  secrets: z.record(
    z.string(),
    secretMark
      /** Of one that was made for it: here and nowhere else. */
      .extend({ value: z.string().optional() })
      .nullable(),
  ),
});
export type MadeDestination = z.input<typeof madeDestination>;

export const destinationTest = z.object({
  destination: destinationName,
  ok: z.boolean(),
  checks: z.array(check),
});
export type DestinationTest = z.input<typeof destinationTest>;

export const releasedDestination = z.object({
  /** Deliveries that are tried again now. */
  released: z.int(),
  /** Lanes that were held and are no more. */
  lanes: z.int(),
});
export type ReleasedDestination = z.input<typeof releasedDestination>;

export const backfill = z.strictObject({
  /** Leads that came from then on. */
  since: time.optional(),
  /** And before this. */
  until: time.optional(),
  /** On top of the destination's own. */
  filter: leadFilter.nullish(),
  /** Only counts. */
  dry_run: z.boolean().default(false),
});
export type Backfill = z.output<typeof backfill>;

export const backfilled = z.object({
  /** Leads that go to the destination by this call. */
  count: z.int(),
  /** How many are left for the next. */
  remaining: z.int(),
  dry_run: z.boolean(),
});
export type Backfilled = z.input<typeof backfilled>;

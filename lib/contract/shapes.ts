import { z } from 'zod';
import { clientIdSchema } from '../core/ids.ts';

/** The path parameters of what a client has; routes of one thing extend them by its id. */
export const inClient = z.object({ client_id: clientIdSchema });

/** Of a query: `true` or `false`. */
export const flag = z
  .stringbool({ truthy: ['true'], falsy: ['false'] })
  .meta({ enum: ['true', 'false'] });

/** ISO 8601 in UTC, as every time in requests and responses is written. */
export const time = z.iso.datetime();

import type * as z from 'zod';
import type { Contract } from '../../lib/contract/route.ts';

/** What a route answers with a status: `Answer<typeof leadContract, 'getLead', 200>`. */
export type Answer<
  C extends Contract,
  Name extends keyof C['routes'],
  Status extends keyof C['routes'][Name]['responses'],
> = C['routes'][Name]['responses'][Status] extends { readonly schema: infer Schema }
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : never
  : never;

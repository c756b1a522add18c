import { z } from 'zod';
import { createUuidSource } from './uuid.ts';

/** Chosen by the caller at creation, never generated, never changed. */
export const clientIdSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/, {
    message:
      'must be 1–64 characters of a–z, 0–9, "_" or "-", and start and end with a letter or digit',
  })
  .brand<'ClientId'>();
export type ClientId = z.infer<typeof clientIdSchema>;

/** Lower-cased, so that one id has one spelling. */
export const idSchema = z.uuid().toLowerCase();

/** A time-ordered UUID (v7); one source a process, so that its ids come in order. */
export const newId = createUuidSource();

/** The least id that `newId` may have given at that moment: a lower bound for an index in order of ids. */
export function leastIdAt(at: Date): string {
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

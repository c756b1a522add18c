import { allOperations } from '../client/contracts.ts';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Every public path, as a template. */
export async function paths(): Promise<string[]> {
  return [...new Set((await allOperations()).map(({ route }) => route.path))];
}

/** What a role can be granted: `GET /api/clients/{client_id}/leads`. */
export async function operations(): Promise<string[]> {
  const grantable = (await allOperations()).filter(({ route }) => route.access === 'grant');
  return grantable.map(({ route }) => `${route.method} ${route.path}`);
}

import { apiKeys } from './api-key.ts';
import { industries } from './catalogue.ts';
import { client } from './client.ts';
import { clientProducts } from './client-product.ts';
import { destinationKind, destinationsPart } from './destination.ts';
import { integrationsPart } from './integrations.ts';
import { members } from './member.ts';
import { metaSources } from './meta-source.ts';
import { roles } from './role.ts';

/*
 * All that a manifest can describe. Things are made in this order and removed in the reverse one, those
 * of one client one after the other.
 */

export const platformParts = [roles, industries];

export const clientParts = [
  members,
  clientProducts,
  apiKeys,
  metaSources,
  integrationsPart,
  destinationsPart,
];

export const platformKinds = [
  ...platformParts.flatMap(({ kinds }) => kinds),
  destinationKind,
  client,
];

export const clientKinds = clientParts.flatMap(({ kinds }) => kinds);

export const kinds = [...platformKinds, ...clientKinds];

/** Of those that come and go with another thing. */
export const attributes: ReadonlySet<string> = new Set(
  kinds.filter((kind) => kind.isAttribute).map(({ name }) => name),
);

import { z } from 'zod';
import { idSchema } from '../../lib/core/ids.ts';
import { pageOf, pageQuery } from '../../lib/core/paging.ts';
import { defineContract, empty, json } from '../../lib/contract/route.ts';
import { flag, inClient } from '../../lib/contract/shapes.ts';
import {
  delivery,
  deliveryFilters,
  deliverySummary,
  deliveryWithAttempts,
  replay,
  replayed,
  summaryQuery,
} from './deliveries/shapes.ts';
import { destinationOperations } from './destinations/operations.ts';
import { INTEGRATIONS, isSwitch, SWITCHES } from './switchboard/names.ts';
import { integrations, integrationsChange } from './switchboard/shapes.ts';
import { testReport } from './checks/shapes.ts';
import { metaSource, newMetaSource } from './sources/shapes.ts';
import {
  newSuppression,
  suppressedAddress,
  suppression,
  suppressionFilters,
} from './suppressions/shapes.ts';

/** What callers of this contract name; between daemons and in commands this file is all there is to import. */
export { integrationsChange, INTEGRATIONS, isSwitch, SWITCHES };
export type { Delivery, DeliveryWithAttempts, Replayed } from './deliveries/shapes.ts';
export type {
  Backfilled,
  ChangedDestination,
  DestinationKind,
  DestinationTest,
  MadeDestination,
  ReleasedDestination,
  ShownDestination,
} from './destinations/shapes.ts';
export type { Integrations } from './switchboard/shapes.ts';
export type { Check, TestReport } from './checks/shapes.ts';
export type { MetaSource } from './sources/shapes.ts';
export type { Suppression } from './suppressions/shapes.ts';

const ofDelivery = inClient.extend({ delivery_id: idSchema });

/** `lint=false`: the providers are not asked what they think of it. */
const changeQuery = z.object({
  lint: flag.default(true),
});

export const integrationContract = defineContract('integration', {
  getIntegrations: {
    method: 'GET',
    path: '/api/clients/{client_id}/integrations',
    access: 'grant',
    summary: 'Read the client’s integrations; secrets only say that they are set',
    params: inClient,
    responses: { 200: json(integrations) },
    errors: ['not_found'],
  },
  putIntegrations: {
    method: 'PUT',
    path: '/api/clients/{client_id}/integrations',
    access: 'grant',
    summary: 'Replace the client’s integrations; what is not sent is cleared',
    params: inClient,
    query: changeQuery,
    body: json(integrationsChange),
    responses: { 200: json(integrations) },
    errors: ['not_found', 'conflict'],
  },
  patchIntegrations: {
    method: 'PATCH',
    path: '/api/clients/{client_id}/integrations',
    access: 'grant',
    summary: 'Change some of the client’s integrations; null clears a field',
    params: inClient,
    query: changeQuery,
    body: json(integrationsChange),
    responses: { 200: json(integrations) },
    errors: ['not_found', 'conflict'],
  },
  testIntegration: {
    method: 'POST',
    path: '/api/clients/{client_id}/integrations/{integration}/test',
    access: 'grant',
    summary: 'Check an integration against its provider and say what is wrong',
    params: inClient.extend({ integration: z.enum(INTEGRATIONS) }),
    responses: { 200: json(testReport) },
    errors: ['not_found'],
  },
  ...destinationOperations,
  listMetaSources: {
    method: 'GET',
    path: '/api/clients/{client_id}/meta-sources',
    access: 'grant',
    summary: 'List the Meta pages and forms whose leads are the client’s',
    params: inClient,
    query: pageQuery,
    responses: { 200: json(pageOf(metaSource)) },
  },
  addMetaSource: {
    method: 'POST',
    path: '/api/clients/{client_id}/meta-sources',
    access: 'grant',
    summary: 'Map a Meta page, or one form of it, to the client',
    params: inClient,
    body: json(newMetaSource),
    responses: { 201: json(metaSource), 200: json(metaSource) },
    errors: ['not_found', 'conflict'],
  },
  removeMetaSource: {
    method: 'DELETE',
    path: '/api/clients/{client_id}/meta-sources',
    access: 'grant',
    summary: 'Undo the mapping of a Meta page or form',
    params: inClient,
    body: json(newMetaSource),
    responses: { 204: empty },
    errors: ['not_found'],
  },
  removeMetaSourceById: {
    method: 'DELETE',
    path: '/api/clients/{client_id}/meta-sources/{source_id}',
    access: 'grant',
    summary: 'Undo a mapping by its id',
    params: inClient.extend({ source_id: idSchema }),
    responses: { 204: empty },
    errors: ['not_found'],
  },
  listSuppressions: {
    method: 'GET',
    path: '/api/clients/{client_id}/suppressions',
    access: 'grant',
    summary: 'List the numbers and addresses that are not to be written to, the newest first',
    params: inClient,
    query: suppressionFilters,
    responses: { 200: json(pageOf(suppression)) },
    errors: ['not_found'],
  },
  addSuppression: {
    method: 'POST',
    path: '/api/clients/{client_id}/suppressions',
    access: 'grant',
    summary: 'Write to this number or address no more',
    params: inClient,
    body: json(newSuppression),
    responses: { 201: json(suppression), 200: json(suppression) },
    errors: ['not_found'],
  },
  liftSuppression: {
    method: 'DELETE',
    path: '/api/clients/{client_id}/suppressions',
    access: 'grant',
    summary: 'Let a number or address be written to again',
    params: inClient,
    body: json(suppressedAddress),
    responses: { 204: empty },
    errors: ['not_found'],
  },
  liftSuppressionById: {
    method: 'DELETE',
    path: '/api/clients/{client_id}/suppressions/{suppression_id}',
    access: 'grant',
    summary: 'Let a number or address be written to again, by the suppression’s id',
    params: inClient.extend({ suppression_id: idSchema }),
    responses: { 204: empty },
    errors: ['not_found'],
  },
  listDeliveries: {
    method: 'GET',
    path: '/api/clients/{client_id}/deliveries',
    access: 'grant',
    summary: 'List deliveries of the leads in your part of the hierarchy, newest first',
    params: inClient,
    query: deliveryFilters,
    responses: { 200: json(pageOf(delivery)) },
  },
  summariseDeliveries: {
    method: 'GET',
    path: '/api/clients/{client_id}/deliveries/summary',
    access: 'grant',
    summary:
      'Count the deliveries of your part of the hierarchy by status, and say which lanes are held',
    params: inClient,
    query: summaryQuery,
    responses: { 200: json(deliverySummary) },
  },
  getDelivery: {
    method: 'GET',
    path: '/api/clients/{client_id}/deliveries/{delivery_id}',
    access: 'grant',
    summary: 'Read a delivery with all its attempts',
    params: ofDelivery,
    responses: { 200: json(deliveryWithAttempts) },
    errors: ['not_found'],
  },
  retryDelivery: {
    method: 'POST',
    path: '/api/clients/{client_id}/deliveries/{delivery_id}/retry',
    access: 'grant',
    summary: 'Try a delivery again now',
    params: ofDelivery,
    responses: { 200: json(delivery) },
    errors: ['not_found', 'conflict'],
  },
  replayDeliveries: {
    method: 'POST',
    path: '/api/clients/{client_id}/deliveries/replay',
    access: 'grant',
    summary: 'Try many deliveries again, or count what that would be, by error',
    params: inClient,
    body: json(replay),
    responses: { 200: json(replayed) },
  },
});
export type IntegrationContract = typeof integrationContract;

import { z } from 'zod';
import { empty, json, type Routes } from '../../../lib/contract/route.ts';
import { inClient } from '../../../lib/contract/shapes.ts';
import { idSchema } from '../../../lib/core/ids.ts';
import { pageOf, pageQuery } from '../../../lib/core/paging.ts';
import {
  backfill,
  backfilled,
  changedDestination,
  destination,
  destinationChange,
  destinationKind,
  destinationQuery,
  destinationTest,
  madeDestination,
  newDestination,
  releasedDestination,
} from './shapes.ts';

const ofDestination = inClient.extend({ destination_id: idSchema });

/** The operations of destinations, as part of the daemon's contract. */
export const destinationOperations = {
  listDestinationKinds: {
    method: 'GET',
    path: '/api/destination-kinds',
    access: 'grant',
    summary: 'List the kinds of destination that there are, with what each wants to know',
    responses: { 200: json(z.array(destinationKind)) },
  },
  listDestinations: {
    method: 'GET',
    path: '/api/clients/{client_id}/destinations',
    access: 'grant',
    summary: 'List where the client’s leads go; secrets only say that they are set',
    params: inClient,
    query: pageQuery,
    responses: { 200: json(pageOf(destination)) },
    errors: ['not_found'],
  },
  createDestination: {
    method: 'POST',
    path: '/api/clients/{client_id}/destinations',
    access: 'grant',
    summary:
      'Send the client’s leads to another destination; a secret made for it is shown this once',
    params: inClient,
    query: destinationQuery,
    body: json(newDestination),
    responses: { 201: json(madeDestination) },
    errors: ['not_found', 'conflict'],
  },
  getDestination: {
    method: 'GET',
    path: '/api/clients/{client_id}/destinations/{destination_id}',
    access: 'grant',
    summary: 'Read a destination; secrets only say that they are set',
    params: ofDestination,
    responses: { 200: json(destination) },
    errors: ['not_found'],
  },
  changeDestination: {
    method: 'PATCH',
    path: '/api/clients/{client_id}/destinations/{destination_id}',
    access: 'grant',
    summary: 'Change a destination; what waits for it goes out as it is from now on',
    params: ofDestination,
    query: destinationQuery,
    body: json(destinationChange),
    responses: { 200: json(changedDestination) },
    errors: ['not_found', 'conflict'],
  },
  removeDestination: {
    method: 'DELETE',
    path: '/api/clients/{client_id}/destinations/{destination_id}',
    access: 'grant',
    summary: 'Send nothing there any more; what waits for it is skipped',
    params: ofDestination,
    responses: { 204: empty },
    errors: ['not_found'],
  },
  testDestination: {
    method: 'POST',
    path: '/api/clients/{client_id}/destinations/{destination_id}/test',
    access: 'grant',
    summary: 'Check whether a destination will work and say what is wrong',
    params: ofDestination,
    responses: { 200: json(destinationTest) },
    errors: ['not_found'],
  },
  releaseDestination: {
    method: 'POST',
    path: '/api/clients/{client_id}/destinations/{destination_id}/release',
    access: 'grant',
    summary: 'Lift what holds a destination: what waits for it is tried again now',
    params: ofDestination,
    responses: { 200: json(releasedDestination) },
    errors: ['not_found'],
  },
  backfillDestination: {
    method: 'POST',
    path: '/api/clients/{client_id}/destinations/{destination_id}/backfill',
    access: 'grant',
    summary: 'Send a destination the leads of your part of the hierarchy that never went there',
    params: ofDestination,
    body: json(backfill),
    responses: { 200: json(backfilled) },
    errors: ['not_found', 'conflict'],
  },
} as const satisfies Routes;

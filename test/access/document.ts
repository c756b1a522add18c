import { z } from 'zod';
import { CONTRACTS } from '../../bin/host/registry.ts';
import type { Operation } from './requests.ts';

const operationShape = z.looseObject({
  operationId: z.string(),
  requestBody: z
    .looseObject({
      content: z.record(z.string(), z.looseObject({ schema: z.unknown().optional() })),
    })
    .optional(),
  responses: z.record(z.string(), z.unknown()),
});

const documentShape = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationShape)),
});

/** The operations of an OpenAPI document, each with the route whose id it bears. */
export function operationsOf(document: unknown): Operation[] {
  const { paths } = documentShape.parse(document);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const route = routeOf(operation.operationId);
      if (route.path !== path || route.method.toLowerCase() !== method) {
        throw new Error(`${operation.operationId} is documented as ${method} ${path}`);
      }
      return {
        route,
        bodySchema: operation.requestBody?.content['application/json']?.schema,
        statuses: Object.keys(operation.responses),
      };
    }),
  );
}

function routeOf(operationId: string): Operation['route'] {
  const [service, name = ''] = operationId.split('.');
  const route = CONTRACTS.find((contract) => contract.service === service)?.routes[name];
  if (route === undefined) throw new Error(`no contract has the operation ${operationId}`);
  return route;
}

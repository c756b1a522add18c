import * as z from 'zod';
import { integrationContract, isSwitch } from '../../../daemons/integration/contract.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listEvery } from '../../client/paging.ts';
import { changesBetween } from '../engine/changes.ts';
import type { State } from '../thing.ts';
import { SecretMark, secretReference } from '../secret.ts';
import type { Found, Outcome, Wanted } from '../thing.ts';
import { done, gone } from './answers.ts';
import { catalogueRef } from './catalogue.ts';
import {
  changeBody,
  comparable,
  entryOf,
  fieldsOf,
  newBody,
  type DestinationFields,
} from './destination-fields.ts';
import { flawsOf } from './destination-flaws.ts';
import { filterShape, pathsOf } from './destination-filter.ts';
import { clientPart, type Kind, type Scope } from './kind.ts';
import { destinationKindRef, destinationRef, isSwitchOnly } from './switched.ts';

const { name, kind } = integrationContract.routes.createDestination.body.schema.shape;
const change = integrationContract.routes.changeDestination.body.schema.shape;
const item = z.strictObject({
  name,
  kind: kind.describe('One of `leadctl destination kinds`'),
  enabled: change.enabled.describe('A new one is on when not given'),
  on: change.on.describe('What it is told of; of a new one lead.created when not given'),
  filter: filterShape.nullable().optional(),
  settings: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('By the kind; what is not given stays as it is, null clears'),
  secrets: z.record(z.string(), secretReference).optional(),
});
export type DestinationSpec = z.output<typeof item>;

/** Read only: what the platform can send to, and what it wants to know for that. */
export const destinationKind: Kind<null> = {
  name: 'destination_kind',
  isAttribute: true,
  async read({ api }) {
    const all = bodyOf(await api.integrations.call('listDestinationKinds', {}));
    return all.map((one) => ({ ...destinationKindRef(one.kind), fields: one }));
  },
};

/** Its fields are named by dotted path: `settings.url`, `secrets.signing_secret`. */
const destination: Kind<ClientId> = {
  name: 'destination',
  async read({ api: { integrations }, clientId }) {
    const params = { client_id: clientId };
    const all = await listEvery((query) =>
      integrations.call('listDestinations', { params, query }),
    );
    return all.map((one): Found => {
      const marks = Object.entries(one.secrets).flatMap(([secret, mark]) =>
        mark === null ? [] : [[secret, new SecretMark(mark.fingerprint)] as const],
      );
      const place = { ...params, destination_id: one.id };
      return {
        ...destinationRef(clientId, one.name),
        id: one.id,
        fields: {
          kind: one.kind,
          ...fieldsOf({ ...one, secrets: Object.fromEntries(marks) }),
        },
        needs: [destinationKindRef(one.kind)],
        remove: () => gone(integrations.call('removeDestination', { params: place })),
      };
    });
  },
};

function destinationThing(spec: DestinationSpec, scope: Scope<ClientId>): Wanted {
  const { clientId } = scope;
  const self = destinationRef(clientId, spec.name);
  const secrets = Object.entries(spec.secrets ?? {}).map(
    ([secret, reference]) =>
      [secret, scope.secret(reference, ['secrets', secret], `${spec.kind}.${secret}`)] as const,
  );
  const fields: DestinationFields = fieldsOf({ ...spec, secrets: Object.fromEntries(secrets) });
  const products = pathsOf(spec.filter).map((path) => catalogueRef(path));
  // Providers are not asked for every client of a manifest: `leadctl doctor` does that when wanted.
  const query = { lint: 'false' } as const;
  return {
    ...self,
    fields,
    needs: [
      { ...destinationKindRef(spec.kind), field: 'kind' },
      ...products.map((one) => ({ ...one, field: 'filter' })),
    ],
    flaws: (state) => flawsOf(spec, state.find(self), state),
    changes: (found, state) => {
      const context = { state, kind: spec.kind };
      return changesBetween(
        found && comparable(found.fields, context),
        comparable(found ? fields : { kind: spec.kind, ...fields }, context),
      );
    },
    make: async ({ api, idOf }): Promise<Outcome> => {
      const body = newBody(spec, fields, idOf);
      const params = { client_id: clientId };
      const answer = await api.integrations.call('createDestination', { params, query, body });
      if (!answer.ok) return answer;
      const made = Object.entries(answer.body.secrets).flatMap(([secret, mark]) =>
        mark?.value === undefined ? [] : [[secret, mark.value] as const],
      );
      return {
        ok: true,
        id: answer.body.id,
        ...(made.length === 0
          ? {}
          : { oneTime: { kind: 'secrets', secrets: Object.fromEntries(made) } }),
      };
    },
    change: ({ api, idOf }, changed) => {
      const params = { client_id: clientId, destination_id: idOf(self) };
      const body = changeBody(fields, changed, idOf);
      return done(api.integrations.call('changeDestination', { params, query, body }));
    },
  };
}

/** `destinations` of a client. Those that `integrations` say all of stand there. */
export const destinationsPart = clientPart({
  field: 'destinations',
  item,
  kinds: [destination],
  things: (spec, scope) => [destinationThing(spec, scope)],
  compose: (state: State, clientId) =>
    state
      .all('destination', clientId)
      .filter(({ identity }) => !isSwitch(identity) || !isSwitchOnly(state, clientId, identity))
      .map((found) => entryOf(found, state)),
});

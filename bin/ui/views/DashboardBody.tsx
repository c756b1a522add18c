import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { truncate } from '../width.ts';
import type { DashboardData, LeadLine } from './dashboard-state.ts';
import {
  ClientsPanel,
  DeliveriesPanel,
  LanesPanel,
  NewestPanel,
  RatePanel,
} from './DashboardPanels.tsx';
import { serviceRows, Services } from './DashboardServices.tsx';
import type { Theme } from './theme.ts';

interface BodyProps {
  readonly data: DashboardData;
  readonly newest: readonly LeadLine[];
  readonly theme: Theme;
  readonly columns: number;
  readonly lines: number;
}

const DELIVERIES = 24;
const GAP = 3;
const STATUSES = 8;

/** Shares the lines out: numbers first, then health, and what is left to the newest leads. */
export function DashboardBody({ data, newest, theme, columns, lines }: BodyProps): ReactElement {
  const services = serviceRows(data.services, theme, columns);
  const isTight = lines < 18;
  const rate = lines >= 34 ? 5 : isTight ? 2 : 3;
  const health = Math.min(services.length, isTight ? 1 : 4);
  const problems = data.problems.slice(0, 2);
  const blanks = isTight ? 0 : 2;
  const taken = rate + health + problems.length + blanks;
  const middle = data.clients === undefined ? Math.min(STATUSES, lines - taken) : lines - taken;
  const rest = lines - taken - middle - (isTight ? 0 : 1);
  return (
    <>
      <RatePanel perMinute={data.perMinute} {...{ theme, columns }} lines={rate} />
      {isTight ? null : <Text> </Text>}
      {data.clients === undefined ? (
        <Box columnGap={GAP} height={middle}>
          <DeliveriesPanel
            statuses={data.statuses}
            theme={theme}
            columns={DELIVERIES}
            lines={middle}
          />
          <LanesPanel
            {...{ theme, lanes: data.lanes, now: data.at, lines: middle }}
            columns={Math.max(1, columns - DELIVERIES - GAP)}
          />
        </Box>
      ) : (
        <ClientsPanel clients={data.clients} {...{ theme, columns }} lines={middle} />
      )}
      {isTight ? null : <Text> </Text>}
      <Services rows={services.slice(0, health)} />
      {problems.map((problem) => (
        <Text key={problem} {...theme.warning} wrap="truncate">
          {truncate(problem, columns)}
        </Text>
      ))}
      {data.clients === undefined && rest > 1 ? (
        <>
          {isTight ? null : <Text> </Text>}
          <NewestPanel leads={newest} {...{ theme, columns }} lines={rest} />
        </>
      ) : null}
    </>
  );
}

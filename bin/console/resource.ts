import type { Column } from '../ui/columns.ts';
import { cellText } from '../ui/columns.ts';
import { visible } from '../ui/text.ts';
import type { ConsoleEnv } from './env.ts';
import type { Form } from './form.ts';

export type Weight = 'usual' | 'good' | 'warning' | 'bad';

export interface Heading {
  readonly header: string;
  readonly align?: 'left' | 'right';
  readonly keep?: boolean;
  readonly id?: boolean;
}

/** One line of a detail: a property, a heading, or text. Safe to print. */
export interface DetailLine {
  readonly name: string;
  readonly text: string;
  readonly isHeading?: boolean;
}

/** Something that can be done here. */
export interface Action {
  readonly label: string;
  /** The operation it needs, as permissions name it. */
  readonly needs: readonly [method: string, path: string];
  readonly severe?: boolean;
  /** What is asked before it is done; nothing to fill in is a yes or no. */
  readonly form: () => Promise<Form> | Form;
}

/** One thing of a view; texts are safe to print and masked as they should be. */
export interface Entry {
  readonly id: string;
  readonly cells: readonly string[];
  /** What the filter looks into, in lower case. */
  readonly search: string;
  readonly weight: Weight;
  /** How deep it hangs in a tree; 0 in a list. */
  readonly depth: number;
  readonly detail: () => Promise<readonly DetailLine[]>;
  readonly actions: readonly Action[];
  /** Where Enter leads, in place of its detail. */
  readonly leadsTo?: Place;
}

export interface Place {
  readonly resource: string;
  readonly client?: string;
}

export interface Listing {
  readonly entries: readonly Entry[];
  /** There are more than these. */
  readonly more: boolean;
  /** What can be done without one of them, such as making one. */
  readonly actions: readonly Action[];
  readonly matrix?: Matrix;
}

/** Which of the rows go with which of the columns. Rows are the listing's entries, in their order. */
export interface Matrix {
  readonly columns: readonly string[];
  readonly has: (row: number, column: number) => boolean;
  readonly toggle: (row: number, column: number) => Action;
}

export interface Resource {
  /** What `:` calls it. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly summary: string;
  readonly isOfClient: boolean;
  readonly kind: 'list' | 'tree' | 'matrix';
  /** The operation that reads it. */
  readonly needs: readonly [method: string, path: string];
  readonly headings: readonly Heading[];
  /** It shows leads or deliveries: read again as soon as the stream tells of one. */
  readonly isLive: boolean;
  readonly load: (env: ConsoleEnv) => Promise<Listing>;
}

/** A noun of the console, of which nothing but this is written. */
export interface ResourceSpec<Row> {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly summary: string;
  readonly isOfClient: boolean;
  readonly kind?: 'list' | 'tree';
  readonly isLive?: boolean;
  readonly needs: readonly [method: string, path: string];
  readonly columns: readonly Column<Row>[];
  readonly mask?: (row: Row) => Row;
  readonly id: (row: Row) => string;
  readonly weigh?: (row: Row) => Weight;
  readonly depth?: (row: Row) => number;
  readonly load: (
    env: ConsoleEnv,
  ) => Promise<{ readonly items: readonly Row[]; readonly more: boolean }>;
  /** What belongs to it, below its properties. */
  readonly detail?: (env: ConsoleEnv, row: Row) => Promise<readonly DetailLine[]>;
  readonly leadsTo?: (row: Row) => Place;
  readonly actions?: (env: ConsoleEnv, row: Row) => readonly Action[];
  readonly create?: (env: ConsoleEnv) => readonly Action[] | Promise<readonly Action[]>;
}

export function defineResource<Row>(spec: ResourceSpec<Row>): Resource {
  const { name, title, summary, isOfClient, needs, columns } = spec;
  const listed = columns.filter(({ wide }) => wide !== true);
  return {
    name,
    title,
    summary,
    isOfClient,
    needs,
    aliases: spec.aliases ?? [],
    kind: spec.kind ?? 'list',
    isLive: spec.isLive ?? false,
    headings: listed.map(({ header, align, keep, id }) => ({
      header,
      ...(align ? { align } : {}),
      ...(keep ? { keep } : {}),
      ...(id ? { id } : {}),
    })),
    load: async (env) => {
      const [{ items, more }, create = []] = await Promise.all([
        spec.load(env),
        spec.create?.(env),
      ]);
      return {
        more,
        entries: items.map((row) => entryOf(spec, listed, env, row)),
        actions: allowed(env, create),
      };
    },
  };
}

function entryOf<Row>(
  spec: ResourceSpec<Row>,
  listed: readonly Column<Row>[],
  env: ConsoleEnv,
  row: Row,
): Entry {
  const shown = env.reveal || spec.mask === undefined ? row : spec.mask(row);
  const dates = { kind: 'age', now: env.now() } as const;
  const textOf = (column: Column<Row>): string => {
    const cell = column.value(shown);
    return cell === null || cell === undefined ? '-' : visible(cellText(cell, dates));
  };
  const cells = listed.map(textOf);
  const id = spec.id(row);
  return {
    id,
    cells,
    search: `${cells.join(' ')} ${id}`.toLowerCase(),
    weight: spec.weigh?.(row) ?? 'usual',
    depth: spec.depth?.(row) ?? 0,
    actions: allowed(env, spec.actions?.(env, row) ?? []),
    ...(spec.leadsTo ? { leadsTo: spec.leadsTo(row) } : {}),
    detail: async () => [
      ...propertyLines(spec.columns, shown),
      ...((await spec.detail?.(env, row)) ?? []),
    ],
  };
}

const EXACT = { kind: 'exact' } as const;

/** Each property on a line of its own. */
export function propertyLines<Row>(columns: readonly Column<Row>[], row: Row): DetailLine[] {
  return columns.flatMap((column) => {
    const cell = column.value(row);
    const text = cell === null || cell === undefined ? '-' : cellText(cell, EXACT);
    return text.split('\n').map((line, at) => ({
      name: at === 0 ? (column.exactHeader ?? column.header) : '',
      text: visible(line),
    }));
  });
}

/** A list below the properties: a heading, and a line for each row. */
export function sectionLines<Row>(
  title: string,
  rows: readonly Row[],
  line: (row: Row) => readonly [name: string, text: string],
): DetailLine[] {
  const lines = rows.map((row) => {
    const [name, text] = line(row);
    return { name: visible(name), text: visible(text) };
  });
  const heading = { name: title, text: '', isHeading: true };
  return [heading, ...(lines.length > 0 ? lines : [{ name: '', text: 'none' }])];
}

function allowed(env: ConsoleEnv, actions: readonly Action[]): Action[] {
  return actions.filter(({ needs: [method, path] }) => env.may(method, path));
}

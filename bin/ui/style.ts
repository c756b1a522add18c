import { styleText } from 'node:util';

type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
}

/** Colours, or the plain text where they are off. */
export function createStyle(enabled: boolean): Style {
  const paint = (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow'): Paint =>
    enabled ? (text) => styleText(format, text, { validateStream: false }) : (text) => text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
  };
}

/** Colour goes to a terminal only, and not where the user said no (no-color.org: set and not empty). */
export function mayColour(
  isTty: boolean,
  env: Readonly<Record<string, string | undefined>>,
  noColorFlag: boolean,
): boolean {
  return isTty && !noColorFlag && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

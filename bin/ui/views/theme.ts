import type { TextProps } from 'ink';

type Look = Pick<TextProps, 'bold' | 'color' | 'dimColor' | 'inverse'>;

export interface Theme {
  readonly title: Look;
  readonly header: Look;
  readonly dim: Look;
  readonly good: Look;
  readonly warning: Look;
  readonly bad: Look;
  readonly selected: Look;
}

/** Looks of the views; without colour only bold and inverse are left, as monochrome terminals have them. */
export function createTheme(colour: boolean): Theme {
  const paint = (color: string): Look => (colour ? { color } : {});
  return {
    title: { bold: true },
    header: { bold: true },
    dim: colour ? { dimColor: true } : {},
    good: paint('green'),
    warning: paint('yellow'),
    bad: paint('red'),
    selected: { inverse: true },
  };
}

import { TEXTS } from './texts.ts';
import { V1 } from './v1.ts';

export interface EmbedFile {
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

const SCRIPT = 'text/javascript; charset=utf-8';

/**
 * What pages of other websites load. A numbered script never changes, because they hold its hash;
 * `/embed.js` is the newest one, for pages that hold none.
 */
export const EMBED_FILES: readonly EmbedFile[] = [
  { path: '/embed/1.js', type: SCRIPT, text: V1 },
  { path: '/embed/1.json', type: 'application/json; charset=utf-8', text: JSON.stringify(TEXTS) },
  { path: '/embed.js', type: SCRIPT, text: V1 },
  {
    path: '/embed.json',
    type: 'application/json; charset=utf-8',
    text: JSON.stringify(TEXTS),
  },
];

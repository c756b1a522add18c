/** What a view reads at most: beyond it one filters, or uses the command that pages. */
export const MOST = 400;

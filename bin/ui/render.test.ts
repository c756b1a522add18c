import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseAnswer } from '../../lib/core/lossless-json.ts';
import { createTestIo } from '../testing/test-io.ts';
import { maskEmail } from './mask.ts';
import { type Format, render, type RenderOptions, type View } from './render.ts';

interface Lead {
  readonly id: string;
  readonly email: string;
  readonly at: Date;
}

const lead: Lead = { id: 'l1', email: 'mia@acme.example', at: new Date('2026-03-01T11:00:00Z') };
const base = {
  columns: [
    { header: 'ID', value: (row: Lead) => row.id },
    { header: 'LEAD EMAIL', value: (row: Lead) => row.email },
    { header: 'AT', value: (row: Lead) => row.at, wide: true },
  ],
  name: (row: Lead) => row.id,
  mask: (row: Lead) => ({ ...row, email: maskEmail(row.email) }),
};

async function shown(view: View<Lead>, format: Format, change: Partial<RenderOptions> = {}) {
  const io = createTestIo();
  const now = new Date('2026-03-01T12:00:00Z');
  await render(io, view, { format, now, colour: false, reveal: false, quiet: false, ...change });
  return { out: io.out(), err: io.err() };
}

describe('render', () => {
  it.each<[Format, string]>([
    ['table', 'ID   LEAD EMAIL\nl1   m***@acme.example\n'],
    ['wide', 'ID   LEAD EMAIL          AT\nl1   m***@acme.example   2026-03-01T11:00:00.000Z\n'],
    ['name', 'l1\n'],
    ['csv', 'id,lead_email,at\n"l1","m***@acme.example","2026-03-01T11:00:00.000Z"\n'],
  ])('prints a list as %s, personal data masked', async (format, expected) => {
    const err = format === 'csv' ? 'Personal data is masked; --reveal shows it\n' : '';
    expect(await shown({ ...base, rows: [lead] }, format)).toEqual({ out: expected, err });
  });

  it('prints the same value as JSON and YAML, and unmasked when asked to', async () => {
    const view = { ...base, rows: [lead] };
    const value = [{ id: 'l1', email: 'mia@acme.example', at: '2026-03-01T11:00:00.000Z' }];
    expect(JSON.parse((await shown(view, 'json', { reveal: true })).out)).toEqual(value);
    expect(parse((await shown(view, 'yaml', { reveal: true })).out)).toEqual(value);
    expect((await shown(view, 'json')).out).not.toContain('mia@');
  });

  it('says of masked data that it is masked, where no eye would notice', async () => {
    const view = { ...base, rows: [lead] };
    expect((await shown(view, 'json')).err).toBe('Personal data is masked; --reveal shows it\n');
    expect((await shown(view, 'json', { quiet: true })).err).toBe('');
    expect((await shown(view, 'json', { reveal: true })).err).toBe('');
    expect((await shown({ ...base, rows: [] }, 'json')).err).toBe('');
  });

  it('shows the columns that are asked for, sorted, and what a filter takes from the JSON', async () => {
    const rows = [lead, { ...lead, id: 'l10' }, { ...lead, id: 'l2' }];
    const pick = { columns: ['at', 'Lead-Email', 'id'], sortBy: '-id', jq: undefined };
    expect((await shown({ ...base, rows }, 'csv', { pick })).out).toMatch(
      /^at,lead_email,id\n.*"l10"\n.*"l2"\n.*"l1"\n$/,
    );
    const jq = { columns: undefined, sortBy: 'id', jq: '.[].id' };
    expect((await shown({ ...base, rows }, 'json', { pick: jq })).out).toBe('l1\nl2\nl10\n');
    const wrong = { ...pick, columns: ['nope'] };
    await expect(shown({ ...base, rows }, 'csv', { pick: wrong })).rejects.toThrow(/'nope'/);
  });

  it('prints numbers that no double can show as they were sent', async () => {
    const item = { ...lead, email: '', n: parseAnswer('[12345678901234567890,1e400,1.50]') };
    const view = { ...base, item };
    expect((await shown(view, 'json', { reveal: true })).out).toMatch(
      /12345678901234567890,\s+1e400,\s+1\.50/,
    );
    const yaml = (await shown(view, 'yaml', { reveal: true })).out;
    expect(yaml).toContain('- 12345678901234567890\n');
    expect(yaml).toContain('- "1e400"\n');
  });

  it('prints one thing as one document', async () => {
    expect(JSON.parse((await shown({ ...base, item: lead }, 'json')).out)).toHaveProperty(
      'id',
      'l1',
    );
    expect((await shown({ ...base, item: lead }, 'table')).out).toMatch(/^ID {11}l1\n/);
  });

  it.each<Format>(['json', 'yaml'])(
    'keeps hostile text whole in %s yet off the terminal',
    async (format) => {
      const hostile = { ...lead, id: 'a\u001b[2J\u009b31m\u202e\u2028b: #\n' };
      const { out } = await shown({ ...base, rows: [hostile] }, format);
      expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
      const value: unknown = format === 'json' ? JSON.parse(out) : parse(out);
      expect(value).toHaveProperty([0, 'id'], hostile.id);
    },
  );

  it('leaves stdout empty when a table has no rows and says so on stderr unless told to be quiet', async () => {
    const view = { ...base, rows: [], empty: 'No leads.' };
    expect(await shown(view, 'table')).toEqual({ out: '', err: 'No leads.\n' });
    expect(await shown(view, 'table', { quiet: true })).toEqual({ out: '', err: '' });
    expect(await shown(view, 'json')).toEqual({ out: '[]\n', err: '' });
  });
});

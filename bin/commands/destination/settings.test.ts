import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { jsonSchemaIn } from '../../client/json-schema.ts';
import { typedSettings } from './settings.ts';

const schema = jsonSchemaIn(
  z.toJSONSchema(
    z.strictObject({
      number: z.string(),
      count: z.int().optional(),
      urgent: z.boolean().optional(),
      to: z.array(z.union([z.enum(['assignee']), z.email()])),
      headers: z.record(z.string(), z.string()),
      recipient: z.union([z.enum(['lead']), z.string().regex(/^\+/)]),
      template: z.strictObject({
        name: z.string(),
        parameters: z.array(z.union([z.string(), z.strictObject({ field: z.string() })])),
      }),
    }),
    { io: 'input' },
  ),
);
const read = (typed: readonly string[], base = {}) => typedSettings(typed, { schema, base });

describe('a setting that is typed', () => {
  test.each([
    ['an id stays a text where one is wanted', 'number=100200300400500600', '100200300400500600'],
    ['a text may hold anything', 'number=a=b, {c}', 'a=b, {c}'],
    ['an empty text is one', 'number=', ''],
    ['a number', 'count=7', 7],
    ['a switch', 'urgent=true', true],
    ['a list with commas', 'to=assignee, a@x.example', ['assignee', 'a@x.example']],
    ['a list as JSON', 'to=["assignee"]', ['assignee']],
    ['one of a list', 'to=assignee', ['assignee']],
    ['a phone number', 'recipient=+4915112345678', '+4915112345678'],
    ['a group as JSON', 'template={"name":"t","parameters":[]}', { name: 't', parameters: [] }],
    ['null, which takes it away', 'count=null', null],
    ['what the schema does not have is for the platform to refuse', 'colour=red', 'red'],
  ])('%s', (_what, typed, value) => {
    expect(Object.values(read([typed]))).toEqual([value]);
  });

  test('goes into a group by its path, and leaves what stands beside it', () => {
    const base = { template: { name: 'old', parameters: ['name'] }, number: '1' };
    expect(read(['template.name=new'], base)).toEqual({
      template: { name: 'new', parameters: ['name'] },
    });
    expect(read(['template.parameters=name,city', 'template.name=7'])).toEqual({
      template: { name: '7', parameters: ['name', 'city'] },
    });
    expect(read(['headers.X-Token=1'], {})).toEqual({ headers: { 'X-Token': '1' } });
    expect(read(['template.parameters=[{"field":"name"}]'])).toEqual({
      template: { parameters: [{ field: 'name' }] },
    });
  });

  test('is JSON where it reads as JSON when no schema is known', () => {
    const typed = ['a=1', 'b=text', 'c={"d":[2]}'];
    const found = typedSettings(typed, { schema: undefined, base: {} });
    expect(found).toEqual({ a: 1, b: 'text', c: { d: [2] } });
  });

  test.each(['number', '=1', 'template..name=x', '.a=1'])('%s is refused', (typed) => {
    expect(() => read([typed])).toThrow(/NAME=VALUE/);
  });

  test('twice is refused', () => {
    expect(() => read(['count=1', 'count=2'])).toThrow(/count is given twice/);
  });

  test('never reaches what all objects share', () => {
    const found = read(['__proto__.polluted=1', 'constructor.prototype.polluted=1']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(Object.keys(found)).toEqual(['__proto__', 'constructor']);
  });
});

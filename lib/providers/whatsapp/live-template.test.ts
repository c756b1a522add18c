import { expect, test } from 'vitest';
import { lintTemplate, liveTemplateSchema } from './live-template.ts';
import { templateConfigSchema } from './template.ts';

const live = (over: Readonly<Record<string, unknown>> = {}) =>
  liveTemplateSchema.parse({
    id: 1,
    name: 'new_lead',
    language: 'en_US',
    status: 'APPROVED',
    components: [{ type: 'BODY', text: 'Hello {{1}}, we call {{2}}. Bye {{1}}' }],
    ...over,
  });

const config = (...parameters: unknown[]) =>
  templateConfigSchema.parse({ name: 'new_lead', language: 'en_US', parameters });

const named = live({ components: [{ type: 'BODY', text: '{{customer}} {{ phone }}' }] });

test('a template that fits has no problem', () => {
  expect(lintTemplate(config('name', 'phone'), [live()])).toEqual([]);
  const byName = config({ field: 'phone', name: 'phone' }, { field: 'name', name: 'customer' });
  expect(lintTemplate(byName, [named])).toEqual([]);
});

test.each([
  ['template_missing', config('name'), []],
  ['language_missing', config('name', 'phone'), [live({ language: 'de' })]],
  ['not_approved', config('name', 'phone'), [live({ status: 'PAUSED' })]],
  ['parameter_count', config('name'), [live()]],
  ['parameter_names', config('name', 'phone'), [named]],
  ['parameter_names', config({ field: 'a', name: 'a' }, { field: 'b', name: 'b' }), [live()]],
  [
    'unsupported_parts',
    config(),
    [live({ components: [{ type: 'BUTTONS', buttons: [{ url: 'https://x/{{1}}' }] }] })],
  ],
])('%s is found before the first lead arrives', (code, configured, templates) => {
  const problems = lintTemplate(configured, templates);
  expect(problems.map((problem) => problem.code)).toEqual([code]);
  expect(problems[0]?.message).toMatch(/\.$/);
  expect(problems[0]?.remedy).toMatch(/\.$/);
});

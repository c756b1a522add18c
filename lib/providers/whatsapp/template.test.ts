import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildParameters, cleanText, templateConfigSchema } from './template.ts';

const parametersOf = (parameters: unknown) =>
  templateConfigSchema.parse({ name: 'new_lead', language: 'en_US', parameters }).parameters;

describe('template parameters', () => {
  test('come by position, in the order they are configured', () => {
    const built = buildParameters(parametersOf(['name', { field: 'phone' }]), {
      phone: '+49151',
      name: 'Anna',
    });
    expect(built).toEqual([
      { type: 'text', text: 'Anna' },
      { type: 'text', text: '+49151' },
    ]);
  });

  test('come by name', () => {
    const built = buildParameters(parametersOf([{ field: 'name', name: 'customer' }]), {
      name: 'Anna',
    });
    expect(built).toEqual([{ type: 'text', text: 'Anna', parameter_name: 'customer' }]);
  });

  test.each([
    [{ first_name: 'Anna', name: 'Anna Berg' }, 'Anna'],
    [{ first_name: ' \n ', name: 'Anna Berg' }, 'Anna Berg'],
    [{ first_name: null }, 'there'],
    [{}, 'there'],
  ])('%j takes the first filled field, then the fallback: %s', (lead, text) => {
    const parameters = parametersOf([{ field: ['first_name', 'name'], fallback: 'there' }]);
    expect(buildParameters(parameters, lead)).toEqual([{ type: 'text', text }]);
  });

  test('are never empty, nor hold what WhatsApp refuses, whatever the lead holds', () => {
    const unit = fc.oneof(
      fc.constantFrom(' ', '\n', '\t', '\r', '\u200B', '\u0000', '\u2028'),
      fc.string(),
    );
    const text = fc.option(fc.array(unit).map((parts) => parts.join('')));
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), (value, fallback) => {
        const spec = fallback == null ? 'name' : { field: 'name', fallback };
        const [built] = buildParameters(parametersOf([spec]), { name: value });
        expect(built?.text.replaceAll(/[\s\p{Cf}\p{Cc}]/gu, '')).not.toBe('');
        expect(built?.text).not.toMatch(/[\n\t\r]| {5,}/);
        expect(Array.from(built?.text ?? '').length).toBeLessThanOrEqual(1_024);
      }),
    );
  });

  test('named and placed ones do not mix', () => {
    expect(() => parametersOf(['name', { field: 'phone', name: 'phone' }])).toThrow(/or none/);
  });

  test('too long a text is cut between whole characters', () => {
    const cut = cleanText('😀'.repeat(2_000));
    expect(Array.from(cut)).toHaveLength(1_024);
    expect(cut.endsWith('😀…')).toBe(true);
  });
});

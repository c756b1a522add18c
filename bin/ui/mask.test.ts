import { describe, expect, it } from 'vitest';
import { maskEmail, maskName, maskPhone, maskText } from './mask.ts';

describe('masking', () => {
  it('keeps enough to recognise and too little to use', () => {
    expect(maskEmail('mia@acme.example')).toBe('m***@acme.example');
    expect(maskEmail('not an address')).toBe('***');
    expect(maskPhone('+4915112345123')).toBe('+49••••••••123');
    expect(maskPhone('12')).toBe('•••••');
    expect(maskName('Mia  Muster')).toBe('M*** M***');
  });

  it('finds addresses and numbers inside a text', () => {
    expect(maskText('to mia@acme.example (+49 151 12345123) failed 131026')).toBe(
      'to m***@acme.example (+49••••••••123) failed 131026',
    );
    const quota = "Quota exceeded for consumer 'project_number:123456789012'";
    expect(maskText(quota)).toBe(quota);
  });
});

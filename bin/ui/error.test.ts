import { describe, expect, it } from 'vitest';
import { CliError } from '../cli/failure.ts';
import { errorText } from './error.ts';
import { describeFailure } from './failure.ts';

const plain = { json: false, colour: false, debug: false };
const url = 'http://127.0.0.1:8000';
const problem = {
  type: 'about:blank',
  title: 'Validation failed',
  status: 422,
  detail: 'The body has 1 wrong field',
  code: 'validation_failed',
  request_id: 'req-1',
  errors: [{ path: 'client_id', message: 'must be \u001b[31mlower case' }],
};

describe('errorText', () => {
  it('says what failed, why, what to do next and under which request id', () => {
    expect(errorText(describeFailure(problem, url), plain)).toBe(
      [
        'Error: Validation failed',
        '  The body has 1 wrong field',
        String.raw`  client_id: must be \u001b[31mlower case`,
        'Try: correct the fields above and run it again',
        'Request id: req-1',
        '',
      ].join('\n'),
    );
  });

  it('is one JSON object for who asked for JSON', () => {
    const text = errorText(describeFailure({ problem }, url), { ...plain, json: true });
    expect(JSON.parse(text)).toMatchObject({
      error: { code: 'validation_failed', status: 422, request_id: 'req-1', exit_code: 1 },
    });
  });

  it('keeps the stack to itself unless debugging', () => {
    const failure = describeFailure(new Error('boom'), url);
    expect(errorText(failure, plain)).not.toContain('error.test.ts');
    expect(errorText(failure, { ...plain, debug: true })).toContain('error.test.ts');
  });
});

describe('describeFailure', () => {
  it.each([
    [400, 1],
    [401, 4],
    [403, 4],
    [404, 5],
    [409, 6],
    [422, 1],
    [503, 1],
  ])('maps status %i to exit code %i', (status, exitCode) => {
    expect(describeFailure({ status, code: 'x', title: 'X' }, url).exitCode).toBe(exitCode);
  });

  it('tells how to start a gateway that nobody answers for', () => {
    const direct = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
    const failure = describeFailure(direct, url);
    expect(failure.message).toBe(`Cannot reach the gateway at ${url}`);
    expect(failure.next).toContain('leadctl up');
  });

  it('finds a refused connection among several addresses', () => {
    const cause = Object.assign(new AggregateError([{ code: 'ECONNREFUSED' }]), {});
    expect(describeFailure(new TypeError('fetch failed', { cause }), url).code).toBe(
      'gateway_unreachable',
    );
  });

  it('does not take a database that refuses for the gateway', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(describeFailure(refused, url).code).toBe('unexpected');
  });

  it('knows a gateway that is too slow, and an interruption', () => {
    const late = new DOMException('late', 'TimeoutError');
    expect(describeFailure(late, url).code).toBe('gateway_timeout');
    expect(describeFailure(new DOMException('gone', 'AbortError'), url).exitCode).toBe(130);
  });

  it('keeps the exit code of our own errors', () => {
    expect(describeFailure(new CliError('no', { exitCode: 7 }), undefined).exitCode).toBe(7);
  });
});

import { usageError } from '../cli/failure.ts';
import { type Expression, parseJq } from './jq-parse.ts';

/**
 * What a filter, in a part of jq's language, makes of a value: a line each, texts as they are and the rest
 * as JSON. Throws a usage error for what it does not understand.
 */
export function jqLines(value: unknown, filter: string): string[] {
  return evaluate(parseJq(filter), value).map((each) =>
    typeof each === 'string' ? each : JSON.stringify(each),
  );
}

/** Every result of the expression for this input, in order. */
function evaluate(expression: Expression, input: unknown): unknown[] {
  switch (expression.kind) {
    case 'identity':
      return [input];
    case 'literal':
      return [expression.value];
    case 'field':
      return evaluate(expression.of, input).map((value) => fieldOf(value, expression.name));
    case 'index':
      return evaluate(expression.of, input).map((value) =>
        Array.isArray(value) ? (value.at(expression.at) ?? null) : null,
      );
    case 'each':
      return evaluate(expression.of, input).flatMap(itemsOf);
    case 'pipe':
      return evaluate(expression.left, input).flatMap((value) => evaluate(expression.right, value));
    case 'comma':
      return [...evaluate(expression.left, input), ...evaluate(expression.right, input)];
    case 'list':
      return [expression.items === undefined ? [] : evaluate(expression.items, input)];
    case 'object':
      return [
        Object.fromEntries(
          expression.fields.map(([name, value]) => [name, evaluate(value, input)[0] ?? null]),
        ),
      ];
    case 'compare':
      return evaluate(expression.left, input).flatMap((left) =>
        evaluate(expression.right, input).map((right) => holds(left, expression.sign, right)),
      );
    case 'call':
      return call(expression.name, expression.argument, input);
    default:
      return expression satisfies never;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw usageError(`--jq: .${name} of ${Array.isArray(value) ? 'a list' : 'no object'}`);
  }
  return Reflect.get(value, name) ?? null;
}

function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null) return Object.values(value);
  throw usageError('--jq: .[] of what is neither list nor object');
}

function holds(left: unknown, sign: string, right: unknown): boolean {
  const isTrue = (value: unknown): boolean => value !== null && value !== false;
  switch (sign) {
    case '==':
      return JSON.stringify(left) === JSON.stringify(right);
    case '!=':
      return JSON.stringify(left) !== JSON.stringify(right);
    case 'and':
      return isTrue(left) && isTrue(right);
    case 'or':
      return isTrue(left) || isTrue(right);
    default:
      return ordered(left, sign, right);
  }
}

function ordered(left: unknown, sign: string, right: unknown): boolean {
  const both = typeof left === 'number' && typeof right === 'number';
  const [a, b] = both ? [left, right] : [String(left), String(right)];
  if (sign === '<') return a < b;
  if (sign === '<=') return a <= b;
  return sign === '>' ? a > b : a >= b;
}

function call(name: string, argument: Expression | undefined, input: unknown): unknown[] {
  const isTrue = (value: unknown): boolean => value !== null && value !== false;
  const given = argument ?? { kind: 'identity' as const };
  switch (name) {
    case 'select':
      return evaluate(given, input).some(isTrue) ? [input] : [];
    case 'map':
      return [itemsOf(input).flatMap((item) => evaluate(given, item))];
    case 'length':
      return [lengthOf(input)];
    case 'keys':
      return [Object.keys(Object(input)).toSorted()];
    case 'not':
      return [!isTrue(input)];
    case 'first':
      return itemsOf(input).slice(0, 1);
    case 'test':
      return [new RegExp(String(evaluate(given, input)[0]), 'u').test(String(input))];
    default:
      throw usageError(`--jq: ${name} is not known here`, 'use -o json and jq itself');
  }
}

function lengthOf(input: unknown): number {
  if (input === null || input === undefined) return 0;
  if (typeof input === 'number') return Math.abs(input);
  return typeof input === 'string' ? Array.from(input).length : itemsOf(input).length;
}

import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { exampleBudget } from './budget.example.ts';
import { compileTemplate } from './compile-template.ts';
import { parseTemplate } from './parse-template.ts';
import { namesCookies } from './reference.ts';
import { exampleScope } from './scope.example.ts';

const cookies: Json = ['session=canary'];
const headers = Object.defineProperty({ date: 'today' }, 'set-cookie', { value: cookies, enumerable: false });
const response = { status: 200, headers, body: { 'set-cookie': 'a member of the body' } };
const scope = {
  ...exampleScope(),
  response,
  steps: { a: { response, outputs: { whole: response, headers, 'set-cookie': 'an output' } } },
};

/** Returns the value of a text, and whether its references declare that it reads cookies. */
function read(text: string): { value: Json | undefined; isNamed: boolean } {
  const { template, references } = parseTemplate(text);
  const value = compileTemplate(template)(scope, exampleBudget());
  return { value, isNamed: references.some(({ path }) => namesCookies(path)) };
}

describe('the cookies of an answer', () => {
  test.each([
    '$response.headers.set-cookie',
    '$steps.a.response.headers.Set-Cookie',
    '$response.headers.set-cookie[0]',
    'keys($response.headers.["set-cookie"])',
    'flatten($response.["headers"."set-cookie", status])',
    String.raw`to_string($response.headers."set\u002dcookie")`,
    '$inputs.items[0] && $response.headers."set-cookie"',
    'to_string($response.headers."set-cookie")',
    'to_string($response . "headers" . "set-cookie")',
    'to_array($response.headers | "set-cookie")',
    'to_array($steps.a.{x: response.headers."set-cookie"})',
    'length($steps.a.response | headers | @."set-cookie")',
    '$inputs.items[?name == $response.headers."set-cookie"[0]]',
  ])('%s reads them, and is known to', (text) => {
    expect(read(text).isNamed).toBe(true);
  });

  test('are read by their path, however it is written', () => {
    expect(read('$steps.a.response.headers.Set-Cookie').value).toEqual(cookies);
    expect(read('$inputs.items[0] && $response.headers."set-cookie"[0]').value).toBe('session=canary');
    expect(read('flatten($response.["headers"."set-cookie"])').value).toEqual(cookies);
  });

  test.each([
    '$steps.a.outputs.headers.set-cookie',
    '$steps.a.outputs.whole.headers.set-cookie',
    'to_string($steps.a.outputs.headers."set-cookie")',
    'to_array($steps.*.response.headers."set-cookie")',
    '$inputs.items[0] && to_array($response.headers)[*]."set-cookie"',
    'flatten($response.[headers][*]."set-cookie")',
    'to_array($response.[headers] | [0]."set-cookie")',
    'max_by($response.[headers], &"set-cookie")',
    'to_string($response)',
    'values($response.headers)',
    'to_string(($response.headers || $response.body)."set-cookie")',
  ])('%s is not known to read them, and does not', (text) => {
    const { value, isNamed } = read(text);
    expect(JSON.stringify(value ?? null)).not.toContain('canary');
    expect(isNamed).toBe(false);
  });

  test('are not what a body or an output calls so', () => {
    expect(read('to_string($response.body."set-cookie")')).toEqual({ value: 'a member of the body', isNamed: false });
    expect(read('to_string($steps.a.outputs."set-cookie")')).toEqual({ value: 'an output', isNamed: false });
    expect(read('$steps.a.outputs.set-cookie')).toEqual({ value: 'an output', isNamed: false });
  });
});

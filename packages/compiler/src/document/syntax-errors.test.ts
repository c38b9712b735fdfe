import { describe, expect, test } from '@jest/globals';
import { readDocument } from './read-document.ts';

function reported(source: string): string[] {
  return readDocument(source).diagnostics.map(({ line, column, code, message }) => {
    return `${line}:${column} ${code} ${message}`;
  });
}

describe('one error for one slip, in words of YAML as it is written', () => {
  test.each([
    [
      'brackets in a map',
      'a:\n  h: { x: $response.body.items[0].id }\n  b: 1\nc: { d: e }',
      '2:31',
      'cannot have [ here',
    ],
    ['brackets in a list', 'a: [ $x.items[0].id, b ]\nc: 1', '1:14', 'cannot have [ here'],
    ['braces', 'a: { u: ${inputs.q} }\nb: 1', '1:10', 'cannot have { here'],
    ['brackets of a key', 'a: { b[0]: 1 }', '1:7', 'cannot have [ here'],
    ['two such values', 'a: { h: $r[0] }\nb: { h: $r[1] }', '1:11', 'cannot have [ here'],
    ['text behind brackets', 'a: [0].id\nb: 1', '1:7', 'begins with a bracket'],
    ['a colon', 'a:\n  description: Looks up: a thing\n  b: 1', '2:24', 'a second ": "'],
    ['a colon in a map', 'a: { m: b: c }', '1:10', 'a second ": "'],
    ['a reserved character', 'a: @x\nb: `y`', '1:4', 'cannot begin with @'],
    ['an asterisk', 'a: *\nb: 1', '1:4', 'cannot begin with & or *'],
    ['text behind quotes', "a: 'it's'\nb: 1", '1:8', 'after its closing quote'],
    ['an escape', 'a: "\\d+"', '1:5', 'begins no known escape'],
    ['no closing quote', 'a: "b', '1:6', 'A quote is not closed'],
    ['no closing bracket', 'a: { b: 1\nc: 2', '2:1', 'A "}" is missing'],
    ['no comma', 'a: [1 [2]]', '1:7', 'A comma is missing'],
    ['indentation', 'a:\n  b: 1\n   c: 2\n  d: 3\n e: 3', '2:6', 'The indentation does not fit'],
    ['a word alone', 'a: 1\nb\nc: 2', '2:1', 'must be followed by ": "'],
    ['tabs', 'a:\n\tb: 1\n\tc: 1', '2:1', 'Tabs cannot be used'],
  ])('%s', (_, source, place, words) => {
    expect(reported(source)).toEqual([expect.stringMatching(new RegExp(`^${place} `))]);
    expect(reported(source)[0]).toContain(words);
  });

  test('what has no words of ours is told in those of the parser', () => {
    expect(reported('a: | x\n  y')).toEqual(['1:6 invalid_yaml This is not valid YAML: Not a YAML token: x']);
  });
});

test('a value that needs quotes is said to', () => {
  const [problem] = readDocument('a: { x: $r[0] }').diagnostics;
  expect(problem?.hint).toBe('Put the whole value in quotes.');
});

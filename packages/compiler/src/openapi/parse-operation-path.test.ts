import { expect, test } from '@jest/globals';
import { parseOperationPath } from './parse-operation-path.ts';

test.each([
  ['{$sourceDescriptions.pets.url}#/paths/~1pets~1{petId}/get', 'pets', '/paths/~1pets~1{petId}/get'],
  ['{$sourceDescriptions.a-b_1.url}#/paths/~1a~0b/get', 'a-b_1', '/paths/~1a~0b/get'],
  ['{$sourceDescriptions.pets.url}#/paths/~1pets~1%7BpetId%7D/get', 'pets', '/paths/~1pets~1{petId}/get'],
  ['{$sourceDescriptions.pets.url}#/paths/~1a#b/get', 'pets', '/paths/~1a#b/get'],
  ['{$sourceDescriptions.pets.url}#/paths/~1100%/get', 'pets', '/paths/~1100%/get'],
])('%s', (text, source, pointer) => {
  expect(parseOperationPath(text)).toEqual({ source, pointer, isLenient: false });
});

test.each([
  ['pets#/paths/~1pets/get', 'pets'],
  ['$sourceDescriptions.pets#/paths/~1pets/get', 'pets'],
  ['$sourceDescriptions.pets.url#/paths/~1pets/get', 'pets'],
  ['{$sourceDescriptions.pets}#/paths/~1pets/get', 'pets'],
  ['./pets.yaml#/paths/~1pets/get', './pets.yaml'],
  ['https://example.com/pets.yaml#/paths/~1pets/get', 'https://example.com/pets.yaml'],
])('%s is accepted, with a warning', (text, source) => {
  expect(parseOperationPath(text)).toEqual({ source, pointer: '/paths/~1pets/get', isLenient: true });
});

test.each(['', '#/paths/~1pets/get', 'pets', '{$sourceDescriptions.pets.url}', 'pets#paths/~1pets/get', 'pets#'])(
  '%j is not a path of an operation',
  (text) => {
    expect(parseOperationPath(text)).toBeUndefined();
  },
);

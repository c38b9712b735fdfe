import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { Part } from '../../document/part.ts';
import { Problems } from '../../document/problems.ts';
import type { Step } from '../model.ts';
import { findOperation } from './find-operation.ts';
import { arazzo, load, openApi, reference } from './sources.example.ts';

type Kind = Step['target']['kind'];

/** Returns `source METHOD /path`, followed by the leniency, or `code: message (hint)`. */
function find(kind: Kind, text: string, contents: Record<string, Json>): string | undefined {
  const names = Object.keys(contents);
  const definition = arazzo(names.map((name) => ({ name, url: `https://example.com/${name}.json` })));
  const given = names.filter((name) => contents[name] !== null);
  const { document, sources } = load(
    definition,
    given.map((name) => reference(name, contents[name] ?? null)),
  );
  const problems = new Problems({ ofValue: () => place, ofKey: () => place, atOffset: () => place });
  const found = findOperation({ kind, text, part: new Part(text, '', problems) }, document, sources);
  if (found === undefined) return undefined;
  if ('problem' in found) {
    const { code, message, hint } = found.problem;
    return `${code}: ${message} (${typeof hint === 'string' ? hint : hint()})`;
  }
  const { source, operation, leniency } = found;
  const reported = leniency === undefined ? '' : ` – ${leniency}`;
  return `${source.name} ${operation.method} ${operation.path}${reported}`;
}

const place = { line: 1, column: 1 };

function byId(text: string, contents: Record<string, Json>): string | undefined {
  return find('operationId', text, contents);
}

const pets: JsonObject = {
  ...openApi(),
  paths: {
    '/pets': { get: { operationId: 'list pets' }, post: { operationId: 'url' } },
    '/pets/{id}': { get: { operationId: 'pets.get/one' } },
    '/a~b': { $ref: '#/components/pathItems/shared' },
    '/twice': { get: { operationId: 'same' }, put: { operationId: 'same' } },
    '/broken': { get: { operationId: 'broken', parameters: [{ $ref: '#/nowhere' }] } },
  },
  components: { pathItems: { shared: { delete: { operationId: 'shared' } } } },
};

describe('a qualified id', () => {
  test.each([
    ['with blanks', 'list pets', 'GET /pets'],
    ['with dots and slashes', 'pets.get/one', 'GET /pets/{id}'],
    ['of an operation named like a field', 'url', 'POST /pets'],
    ['of a path that is a reference', 'shared', 'DELETE /a~b'],
  ])('%s', (_, id, expected) => {
    expect(byId(`$sourceDescriptions.pets.${id}`, { pets, other: pets })).toBe(`pets ${expected}`);
  });

  test.each([
    ['$sourceDescriptions.pets.list', 'unknown_operation: Source "pets" has no operation "list" (Operations: '],
    [
      '$sourceDescriptions.pets.list_pets',
      'unknown_operation: Source "pets" has no operation "list_pets" (Did you mean "list pets"?)',
    ],
    ['$sourceDescriptions.pats.url', 'unknown_source: There is no source description "pats" (Did you mean "pets"?)'],
    ['$sourceDescriptions.pets', 'unknown_operation'],
    ['$sourceDescriptions.', 'unknown_source'],
    ['$sourceDescriptions.pets.same', 'The operationId "same" is used at /paths/~1twice/get and at /paths/~1twice/put'],
    [
      '$sourceDescriptions.pets.broken',
      'unusable_operation: The operation cannot be used: "$ref" names nothing in the document: "#/nowhere" (Correct the document of source "pets" at /paths/~1broken/get/parameters/0.)',
    ],
  ])('%s is refused', (text, expected) => {
    expect(byId(text.replace(/^\d+: /, ''), { pets })).toContain(expected);
  });
});

describe('a bare id', () => {
  test('is found if only one source has it', () => {
    expect(byId('b', { one: openApi('a'), two: openApi('b') })).toBe('two GET /0');
  });

  test('of several sources is refused with their names', () => {
    expect(byId('a', { one: openApi('a'), two: openApi('a', 'b') })).toBe(
      'ambiguous_operation: Operation "a" is in several sources: one, two (Name the source: $sourceDescriptions.one.a)',
    );
  });

  test('of none is refused with a similar one', () => {
    expect(byId('getPat', { one: openApi('getPet') })).toContain('has an operation "getPat" (Did you mean "getPet"?)');
  });

  test('that occurs twice in its source is refused', () => {
    expect(byId('same', { pets })).toContain('unusable_operation');
  });

  test('is not reported while a source that may have it is missing', () => {
    expect(byId('a', { one: openApi('b'), two: null })).toBeUndefined();
    expect(byId('$sourceDescriptions.two.a', { one: openApi('b'), two: null })).toBeUndefined();
    expect(byId('b', { one: openApi('b'), two: null })).toBe('one GET /0');
  });
});

describe('a path', () => {
  test.each([
    ['{$sourceDescriptions.pets.url}#/paths/~1pets~1{id}/get', 'pets GET /pets/{id}'],
    ['{$sourceDescriptions.pets.url}#/paths/~1pets~1%7Bid%7D/get', 'pets GET /pets/{id}'],
    ['{$sourceDescriptions.pets.url}#/paths/~1a~0b/delete', 'pets DELETE /a~b'],
  ])('%s', (text, expected) => {
    expect(find('operationPath', text, { pets })).toBe(expected);
  });

  test.each([
    [
      'pets#/paths/~1pets/post',
      'pets POST /pets – The form in Arazzo is {$sourceDescriptions.pets.url}#/paths/~1pets/post',
    ],
    ['$sourceDescriptions.pets#/paths/~1pets/post', 'pets POST /pets – The form in Arazzo is'],
    ['https://example.com/pets.json#/paths/~1pets/post', 'pets POST /pets – The form in Arazzo is'],
    ['{$sourceDescriptions.pets.url}#/paths/~1a~0b', 'pets DELETE /a~b – The method is missing: /paths/~1a~0b/delete'],
  ])('%s, with a warning', (text, expected) => {
    expect(find('operationPath', text, { pets })).toContain(expected);
  });

  test.each([
    [
      '{$sourceDescriptions.pets.url}#/paths/~1pets',
      'unknown_operation: Source "pets" has no operation at /paths/~1pets',
    ],
    ['{$sourceDescriptions.pets.url}#/paths/~1nowhere/get', 'unknown_operation'],
    ['{$sourceDescriptions.pets.url}#/../../etc/passwd', 'unknown_operation'],
    ['{$sourceDescriptions.pets.url}#/paths/__proto__/get', 'unknown_operation'],
    ['{$sourceDescriptions.nobody.url}#/paths/~1pets/get', 'unknown_source: There is no source description "nobody"'],
    ['definitely-not-a-runtime-expression', 'invalid_operation_path'],
    ['#/paths/~1pets/get', 'invalid_operation_path'],
  ])('%s is refused', (text, expected) => {
    expect(find('operationPath', text, { pets })).toContain(expected);
  });
});

describe('what is not an OpenAPI operation is refused', () => {
  const events = { asyncapi: '3.0.0' };

  test.each([
    ['operationId', '$sourceDescriptions.events.send', 'unsupported_asyncapi'],
    ['operationId', 'send', 'unsupported_asyncapi'],
    ['operationPath', '{$sourceDescriptions.events.url}#/operations/send', 'unsupported_asyncapi'],
    ['channelPath', '{$sourceDescriptions.events.url}#/channels/a', 'unsupported_asyncapi'],
    ['operationId', '$sourceDescriptions.flows.w', 'wrong_source_type'],
  ] as const)('%s %s: %s', (kind, text, code) => {
    expect(find(kind, text, { pets, events, flows: arazzo([]) })).toContain(`${code}: `);
  });
});

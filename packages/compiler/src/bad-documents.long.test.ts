import { describe, expect, test } from '@jest/globals';
import { toDefinition } from './arazzo/compile/compile.example.ts';
import { listMissingSources } from './arazzo/sources/list-missing-sources.ts';
import { compileDocument } from './compile-document.ts';
import { importOpenApi } from './connector/import/import-open-api.ts';
import { readConnector } from './connector/read-connector.ts';

/* Parses text that is expensive to parse, through every entry point that accepts text. */

const options = { workspaceId: 'w', serverId: 's', secretNames: [], allowedHosts: [] };
const location = 'https://api.example.test/openapi.json';

const doors: [string, (text: string) => string[]][] = [
  ['a document', (text) => codesOf(compileDocument(text, options))],
  ['a descriptor', (text) => codesOf(readConnector(text))],
  ['an OpenAPI document to import', (text) => codesOf(importOpenApi(text))],
  [
    'a source of an Arazzo document',
    (content) => {
      const references = [{ name: 'api', content, location }];
      listMissingSources(content, references);
      return codesOf(compileDocument(JSON.stringify(toDefinition({})), { ...options, references }));
    },
  ],
];

function codesOf({ diagnostics }: { diagnostics: { severity: string; code: string }[] }): string[] {
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}

/** Returns the milliseconds of work, whatever else the machine does. */
function costOf(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

const laughs = ['l0: &l0 lol']
  .concat(Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(', ')}]`))
  .join('\n');
const keys = Array.from({ length: 20_000 }, (_, index) => `key${index}: v`).join('\n');

describe.each(doors)('as %s', (_name, read) => {
  test('a billion laughs in nine levels is refused at once (B041)', () => {
    expect(costOf(() => expect(read(laughs).length).toBeGreaterThan(0))).toBeLessThan(2000);
  });

  test('a map of 20 000 keys costs less than a second (B042)', () => {
    expect(costOf(() => read(keys))).toBeLessThan(1000);
  });

  test('JSON of 100 000 levels is refused without a crash (B043)', () => {
    expect(read(`${'{"metadata":'.repeat(100_000)}1${'}'.repeat(100_000)}`).length).toBeGreaterThan(0);
  });

  test.each([
    'a: 1\na: 2',
    'a: { <<: { b: 1 } }',
    'a: !!js/function "x"',
    'a: !!binary aGk=',
    '__proto__: { polluted: 1 }',
  ])('%j is refused, and nothing of it runs (B044)', (text) => {
    expect(read(text).length).toBeGreaterThan(0);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each(['a: \0', 'a\0:\0 \x001\0', 'a:\n\tb: 1'])('%j is refused (B047)', (text) => {
    expect(read(text).length).toBeGreaterThan(0);
  });
});

test.each(['[', 'a: ', '- ', '? ', '{a: '])('100 000 times %j is refused without a crash (B043)', (piece) => {
  expect(codesOf(compileDocument(piece.repeat(100_000), options)).length).toBeGreaterThan(0);
});

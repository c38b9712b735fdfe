import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import fc from 'fast-check';
import { readDocument } from '../document/read-document.ts';
import { compileFlower } from './compile-flower.ts';

const options = { workspaceId: 'w', serverId: 's', secretNames: [], allowedHosts: [] };

const step = { id: 'a', request: { method: 'GET', url: 'https://api.example.test/' } };
const flow = { id: 'a_flow', description: 'A flow that tests change in one place.', steps: [step] };

function codes(document: Json, changed = {}): string[] {
  const { diagnostics } = compileFlower(JSON.stringify(document), { ...options, ...changed });
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code, pointer }) => `${code} ${pointer}`);
}

function flower(flows: Json): Json {
  return { flower: '0.1', id: 'test', flows };
}

describe('limits', () => {
  test('100 flows', () => {
    const flows = (count: number) =>
      flower(Array.from({ length: count }, (_, index) => ({ ...flow, id: `f${index}` })));
    expect(codes(flows(100))).toEqual([]);
    expect(codes(flows(1000))).toEqual(['too_many /flows']);
  });

  test('50 steps', () => {
    const steps = (count: number) => Array.from({ length: count }, (_, index) => ({ ...step, id: `s${index}` }));
    expect(codes(flower([{ ...flow, steps: steps(50) }]))).toEqual([]);
    expect(codes(flower([{ ...flow, steps: steps(10_000) }]))).toEqual(['too_many /flows/0/steps']);
  });

  test('1 MiB', () => {
    expect(codes(flower([{ ...flow, description: 'x'.repeat(1024 * 1024) }]))).toEqual(['document_too_large ']);
  });

  test('problems that are listed', () => {
    const unknown = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key${index}`, 1]));
    const { document, diagnostics } = compileFlower(
      JSON.stringify({ ...unknown, flower: '0.1', id: 'a', flows: [flow] }),
      options,
    );
    expect(diagnostics).toHaveLength(501);
    expect(document).toBeUndefined();
  });
});

test('an expression in the host is allowed once the server has allowed hosts, a secret never', () => {
  const request = { method: 'GET', url: 'https://{$config.region}.example.test/' };
  const document = flower([{ ...flow, steps: [{ ...step, request }] }]);
  expect(codes(document)).toEqual(['host_not_allowed /flows/0/steps/0/request/url']);
  expect(codes(document, { allowedHosts: ['*.example.test'] })).toEqual([]);
  const withSecret = { ...step, request: { method: 'GET', url: 'https://{$secrets.KEY}.example.test/' } };
  expect(codes(flower([{ ...flow, steps: [withSecret] }]), { allowedHosts: ['*.example.test'] })).toEqual([
    'credential_in_host /flows/0/steps/0/request/url',
  ]);
  const { document: compiled } = compileFlower(JSON.stringify(document), {
    ...options,
    allowedHosts: ['*.example.test'],
  });
  expect(compiled?.tools[0]?.plan.allowedHosts).toEqual(['*.example.test']);
});

test('an empty or foreign document is refused', () => {
  expect(codes(null)).toEqual(['wrong_type ']);
  expect(codes([])).toEqual(['wrong_type ']);
  expect(codes({})).toEqual(['missing_key ', 'missing_key ', 'missing_key ']);
  expect(codes({ arazzo: '1.0.1' })).toEqual(['unsupported_format ']);
});

describe('any text is compiled or refused', () => {
  const folder = new URL('../../testdata/', import.meta.url);
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith('.flower.yaml'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'));

  function expectAnswer(source: string): void {
    const { document, diagnostics } = compileFlower(source, options);
    expect(document === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
  }

  test('arbitrary text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), expectAnswer));
  });

  test('a document with a piece cut out or put in', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constantFrom('$', '[', '{', '- ', ': ', '\n', '*steps', '$secrets.X'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...sources), fc.nat(), fc.nat({ max: 20 }), piece, (source, place, cut, put) => {
        const at = place % source.length;
        expectAnswer(source.slice(0, at) + put + source.slice(at + cut));
      }),
      { numRuns: 200 },
    );
  });

  test('a document with a value replaced by any other', () => {
    const documents = sources
      .map((source) => readDocument(source).document?.value)
      .filter((value) => value !== undefined);
    fc.assert(
      fc.property(fc.constantFrom(...documents), fc.nat(), fc.jsonValue({ maxDepth: 2 }), (document, place, other) => {
        let left = place % 200;
        const changed = JSON.stringify(document, (_, value: Json) => (left-- === 0 ? other : value)) ?? 'null';
        expectAnswer(changed);
      }),
      { numRuns: 200 },
    );
  });
});

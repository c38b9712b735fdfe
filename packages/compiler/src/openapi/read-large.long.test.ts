import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import { parseContent } from './parse-content.ts';
import { read, refusal } from './read.example.ts';

/** Quadratic growth would take minutes; a busy machine gets some additional time. */
const TEST_MS_MAX = 15_000;

describe('no cost grows faster than the size', () => {
  test.each([
    ['300 000 paths', () => ({ paths: fill(300_000, (index) => [`/${index}`, {}]) })],
    [
      '100 000 operations with one name',
      () => ({ paths: fill(100_000, (index) => [`/${index}`, { get: { operationId: 'x' } }]) }),
    ],
    [
      '100 000 references in a row',
      () => ({ paths: fill(100_000, (index) => [`/${index}`, { $ref: `#/paths/~1${index + 1}` }]) }),
    ],
    [
      '100 000 parameters',
      () => ({
        paths: { '/a': { get: { operationId: 'x', parameters: Array(100_000).fill({ $ref: '#/p' }) } } },
        p: { name: 'a', in: 'query' },
      }),
    ],
    [
      '100 000 servers',
      () => ({ paths: { '/a': { get: { operationId: 'x' } } }, servers: Array(100_000).fill({ url: '/' }) }),
    ],
    [
      '100 000 alternatives',
      () => ({ paths: { '/a': { get: { operationId: 'x', security: Array(100_000).fill({}) } } } }),
    ],
    [
      '10 000 paths that share 10 000 operations',
      () => ({
        paths: fill(10_000, (index) => [`/${index}`, { $ref: '#/item' }]),
        item: { additionalOperations: fill(10_000, (index) => [`M${index}`, {}]) },
      }),
    ],
    [
      '100 000 paths that share a long reference',
      () => ({
        paths: fill(100_000, (index) => [`/${index}`, { $ref: '#/long' }]),
        long: { $ref: `#${'/a'.repeat(500_000)}` },
      }),
    ],
  ])('%s', (_, build) => {
    const text = JSON.stringify({ openapi: '3.1.0', ...build() });
    const start = cpuMs();
    const content = parseContent(text);
    const document = read('value' in content ? content.value : null);
    const answer = refusal(() => document.findById('x'));
    expect(cpuMs() - start).toBeLessThan(TEST_MS_MAX);
    expect(answer).toMatch(/none|is used at|more than 1000 entries|too many operations/);
  });

  // A whole API is imported through this reader.
  test('a document of 1 000 operations is read quickly', () => {
    const parameters = Array.from({ length: 5 }, (_, index) => ({ $ref: `#/components/parameters/p${index}` }));
    const shared = fill(5, (index) => [
      `p${index}`,
      { name: `p${index}`, in: 'query', schema: { $ref: '#/components/schemas/s' } },
    ]);
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/s' } } };
    const paths = fill(1000, (index) => [
      `/${index}`,
      { post: { operationId: `op${index}`, parameters, requestBody: { content } } },
    ]);
    const text = JSON.stringify({
      openapi: '3.0.3',
      paths,
      components: { parameters: shared, schemas: { s: { type: 'object', description: 'x'.repeat(2_000_000) } } },
    });
    const start = cpuMs();
    const parsed = parseContent(text);
    const document = read('value' in parsed ? parsed.value : null);
    const found = document.operationIds().map((id) => document.findById(id));
    expect(cpuMs() - start).toBeLessThan(TEST_MS_MAX);
    expect(found.every((operation) => operation?.parameters.length === 5)).toBe(true);
  });
});

function fill(count: number, build: (index: number) => [string, Json]): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => build(index)));
}

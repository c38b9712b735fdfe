import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import { type Example, tryCompile } from './compile.example.ts';

/** Quadratic growth would take minutes; a busy machine gets some additional time. */
const TEST_MS_MAX = 8000;

const list = (count: number, make: (index: number) => Json): Json[] =>
  Array.from({ length: count }, (_, index) => make(index));

const byName = (items: Json[]): JsonObject => Object.fromEntries(items.map((item, index) => [`n${index}`, item]));

const ok = { responses: { 200: { description: 'Found' } } };

const steps = (make: (index: number) => JsonObject) => list(200, (index) => ({ stepId: `s${index}`, ...make(index) }));

const others = (count: number, each: JsonObject) =>
  list(count, (index) => ({ workflowId: `w${index}`, description: 'Finds.', ...each }));

describe('no cost grows faster than the size', () => {
  test.each<[string, () => Example]>([
    [
      '4 000 references to anchors among 8 000 schemas',
      () => ({
        workflow: { inputs: { properties: byName(list(4000, () => ({ $ref: '#last' }))) } },
        root: {
          components: {
            inputs: {
              first: { properties: byName(list(4000, () => ({}))) },
              second: { properties: { ...byName(list(4000, () => ({}))), last: { $anchor: 'last' } } },
            },
          },
        },
      }),
    ],
    [
      'actions of a workflow in each of its 200 steps',
      () => ({
        steps: steps(() => ({ operationId: 'read' })),
        workflow: {
          failureActions: list(100, (index) => ({
            name: `a${index}`,
            type: 'goto',
            stepId: `s${index}`,
            criteria: [{ condition: '$statusCode == 1' }],
          })),
        },
      }),
    ],
    [
      '4 000 steps that name operations in another case, or unknown ones',
      () => ({
        paths: Object.fromEntries(
          list(20_000, (index) => ({ get: { operationId: `Op${index}`, ...ok } })).map((path, index) => [
            `/p${index}`,
            path,
          ]),
        ),
        workflows: others(20, {
          steps: steps((index) => ({ operationId: `$sourceDescriptions.api.${index % 2 ? 'nobody' : 'op'}${index}` })),
        }),
      }),
    ],
  ])('%s', (_, make) => {
    const example = make();
    const start = cpuMs();
    tryCompile(example);
    expect(cpuMs() - start).toBeLessThan(TEST_MS_MAX);
  });
});

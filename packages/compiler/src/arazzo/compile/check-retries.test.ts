import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { type Example, problemsOf } from './compile.example.ts';

const keyed = { 'x-idempotency-key': { header: 'Idempotency-Key' } };
const again = (...conditions: string[]): JsonObject => ({
  name: 'again',
  type: 'retry',
  ...(conditions.length === 0 ? {} : { criteria: conditions.map((condition) => ({ condition })) }),
});
const write = (more: JsonObject = {}) => ({ stepId: 'a', operationId: 'write', ...more });
const onFailure = (...actions: Json[]) => ({ onFailure: actions });

const places = (example: Example) =>
  problemsOf(example).map((problem) => {
    const [, code, pointer, step] = /^warning (\S+) (\S+): .*?"(.*)"/.exec(problem) ?? [problem];
    return [code, pointer, step];
  });

describe('a retry of a POST that has no key', () => {
  test('is warned of where it stands', () => {
    const place = '/workflows/0/steps/0/onFailure/0';
    expect(places({ steps: [write(onFailure(again()))] })).toEqual([['retry_without_key', place, 'a']]);
    expect(places({ steps: [write(onFailure(again('$statusCode >= 500')))] })).toHaveLength(1);
    expect(places({ steps: [write(onFailure(again('$response.body#/busy == true')))] })).toHaveLength(1);
  });

  test('is warned of once for each step that it is for, where the workflow has it', () => {
    const steps = [write(), write({ stepId: 'b' }), { stepId: 'c', operationId: 'read' }];
    expect(places({ steps, workflow: { failureActions: [again()] } })).toEqual([
      ['retry_without_key', '/workflows/0/failureActions/0', 'a'],
      ['retry_without_key', '/workflows/0/failureActions/0', 'b'],
    ]);
  });

  test('is fine after an answer that says that nothing was done, and where it is never made', () => {
    const criteria = [['$statusCode == 429'], ['$statusCode == 503', '$response.header.Retry-After != null']];
    for (const conditions of criteria) expect(places({ steps: [write(onFailure(again(...conditions)))] })).toEqual([]);
    expect(places({ steps: [write(onFailure({ ...again(), retryLimit: 0 }))] })).toEqual([]);
  });

  test('is fine with a key, where twice is once, and of other methods', () => {
    const promises = [keyed, { 'x-idempotent': true }, { operationId: 'read' }];
    for (const promise of promises)
      expect(places({ steps: [write({ ...onFailure(again()), ...promise })] })).toEqual([]);
  });

  test('is warned of at a step that calls the workflow with it, whatever the status of its last answer', () => {
    const sub = (more: JsonObject) => [{ workflowId: 'sub', steps: [write({ stepId: 'inner', ...more })] }];
    const steps = [{ stepId: 'a', workflowId: 'sub', ...onFailure(again('$statusCode == 429')) }];
    const place = '/workflows/0/steps/0/onFailure/0';
    expect(places({ steps, workflows: sub({}) })).toEqual([['retry_without_key', place, 'inner']]);
    expect(places({ steps, workflows: sub(keyed) })).toEqual([]);
  });
});

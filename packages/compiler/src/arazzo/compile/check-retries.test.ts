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
  test('is warned about, with its place', () => {
    const place = '/workflows/0/steps/0/onFailure/0';
    expect(places({ steps: [write(onFailure(again()))] })).toEqual([['retry_without_key', place, 'a']]);
    expect(places({ steps: [write(onFailure(again('$statusCode >= 500')))] })).toHaveLength(1);
    expect(places({ steps: [write(onFailure(again('$response.body#/busy == true')))] })).toHaveLength(1);
  });

  test('is warned about once for each step that it applies to, if the workflow declares it', () => {
    const steps = [write(), write({ stepId: 'b' }), { stepId: 'c', operationId: 'read' }];
    expect(places({ steps, workflow: { failureActions: [again()] } })).toEqual([
      ['retry_without_key', '/workflows/0/failureActions/0', 'a'],
      ['retry_without_key', '/workflows/0/failureActions/0', 'b'],
    ]);
  });

  test('is accepted after a response that says that nothing was done, and if it is never made', () => {
    const criteria = [['$statusCode == 429'], ['$statusCode == 503', '$response.header.Retry-After != null']];
    for (const conditions of criteria) expect(places({ steps: [write(onFailure(again(...conditions)))] })).toEqual([]);
    expect(places({ steps: [write(onFailure({ ...again(), retryLimit: 0 }))] })).toEqual([]);
  });

  test('is accepted with a key, for an idempotent operation, and with other methods', () => {
    const promises = [keyed, { 'x-idempotent': true }, { operationId: 'read' }];
    for (const promise of promises)
      expect(places({ steps: [write({ ...onFailure(again()), ...promise })] })).toEqual([]);
  });

  test('is warned about at a step that calls the workflow with it, whatever the status of its last response', () => {
    const sub = (more: JsonObject) => [{ workflowId: 'sub', steps: [write({ stepId: 'inner', ...more })] }];
    const steps = [{ stepId: 'a', workflowId: 'sub', ...onFailure(again('$statusCode == 429')) }];
    const place = '/workflows/0/steps/0/onFailure/0';
    expect(places({ steps, workflows: sub({}) })).toEqual([['retry_without_key', place, 'inner']]);
    expect(places({ steps, workflows: sub(keyed) })).toEqual([]);
  });
});

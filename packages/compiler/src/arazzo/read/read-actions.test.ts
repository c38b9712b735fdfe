import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { read, withStep } from './read.example.ts';

const at = '/workflows/0/steps/0/onFailure/0';

function readAction(action: JsonObject): ReturnType<typeof read> {
  return read(withStep({ onFailure: [{ name: 'again', ...action }] }));
}

describe('the target of an action', () => {
  test('of a goto is exactly one', () => {
    expect(readAction({ type: 'goto' }).errors).toEqual([`not_exactly_one ${at}`]);
    expect(readAction({ type: 'goto', stepId: 'a', workflowId: 'b' }).errors).toEqual([`not_exactly_one ${at}`]);
    expect(readAction({ type: 'goto', stepId: 'a' }).errors).toEqual([]);
    expect(readAction({ type: 'goto', workflowId: 'b' }).errors).toEqual([]);
  });

  test('of a retry is at most one', () => {
    expect(readAction({ type: 'retry' }).errors).toEqual([]);
    expect(readAction({ type: 'retry', stepId: 'a', workflowId: 'b' }).errors).toEqual([`not_exactly_one ${at}`]);
  });

  test('gets parameters only if it is a workflow', () => {
    const parameters = [{ name: 'id', value: 1 }];
    expect(readAction({ type: 'goto', workflowId: 'b', parameters }).errors).toEqual([]);
    expect(readAction({ type: 'goto', stepId: 'b', parameters }).errors).toEqual([`misplaced_key ${at}/parameters`]);
    expect(readAction({ type: 'end', parameters }).errors).toEqual([`misplaced_key ${at}/parameters`]);
    const placed = [{ name: 'id', in: 'query', value: 1 }];
    expect(readAction({ type: 'goto', workflowId: 'b', parameters: placed })).toMatchObject({
      errors: [],
      warnings: [`ignored_key ${at}/parameters/0/in`],
    });
  });

  test('of an end is ignored, which is reported', () => {
    const { document, errors, warnings } = readAction({ type: 'end', stepId: 'a' });
    expect([errors, warnings]).toEqual([[], [`ignored_key ${at}/stepId`]]);
    expect(document?.workflows[0]?.steps[0]?.onFailure?.[0]).not.toHaveProperty('stepId');
  });
});

describe('B048: numbers of a retry', () => {
  test('retryAfter is 0 seconds to one day', () => {
    for (const retryAfter of [0, 0.25, 300]) {
      const { document, warnings } = readAction({ type: 'retry', retryAfter });
      expect(document?.workflows[0]?.steps[0]?.onFailure?.[0]?.retryAfterSeconds).toBe(retryAfter);
      expect(warnings).toEqual([]);
    }
    for (const retryAfter of [-1, 1e12, '5']) {
      expect(readAction({ type: 'retry', retryAfter }).errors).toEqual([`out_of_range ${at}/retryAfter`]);
    }
  });

  test('a wait longer than any call can last is reported', () => {
    expect(readAction({ type: 'retry', retryAfter: 1000 })).toMatchObject({
      errors: [],
      warnings: [`long_wait ${at}/retryAfter`],
    });
  });

  test('retryLimit is a whole number up to 100', () => {
    for (const retryLimit of [0, 1, 100]) {
      const { document } = readAction({ type: 'retry', retryLimit });
      expect(document?.workflows[0]?.steps[0]?.onFailure?.[0]?.retryLimit).toBe(retryLimit);
    }
    for (const retryLimit of [-1, 1.5, 101, 1e9]) {
      expect(readAction({ type: 'retry', retryLimit }).errors).toEqual([`out_of_range ${at}/retryLimit`]);
    }
  });

  test('.nan is not a number', () => {
    const text = [
      'arazzo: 1.0.1',
      'info: { title: a, version: 1.0.0 }',
      'sourceDescriptions: [{ name: a, url: a }]',
      'workflows:',
      '  - workflowId: w',
      '    steps:',
      '      - stepId: s',
      '        operationId: o',
      '        onFailure: [{ name: a, type: retry, retryAfter: .nan, retryLimit: .inf }]',
    ].join('\n');
    const codes = read(text).errors.map((error) => error.split(' ')[0]);
    expect(codes.filter((code) => code === 'invalid_number')).toHaveLength(2);
  });
});

test('only a failure can be retried', () => {
  const document = withStep({
    onSuccess: [
      { name: 'a', type: 'retry' },
      { name: 'b', type: 'end', retryLimit: 1 },
    ],
  });
  expect(read(document).errors).toEqual([
    'unknown_word /workflows/0/steps/0/onSuccess/0/type',
    'unknown_key /workflows/0/steps/0/onSuccess/1/retryLimit',
  ]);
});

test('a type of any other JSON type is reported', () => {
  for (const type of [null, 1, ['end'], { toString: 1, valueOf: {} }]) {
    expect(readAction({ type }).errors).toEqual([`unknown_word ${at}/type`]);
  }
});

test('an action has a name and a type', () => {
  expect(read(withStep({ onSuccess: [{}] })).errors).toEqual([
    'missing_key /workflows/0/steps/0/onSuccess/0',
    'missing_key /workflows/0/steps/0/onSuccess/0',
  ]);
});

test('an empty list of actions differs from no list', () => {
  const { document } = read(withStep({ onFailure: [] }));
  expect(document?.workflows[0]?.steps[0]).toMatchObject({ onFailure: [] });
  expect(document?.workflows[0]?.steps[0]).not.toHaveProperty('onSuccess');
});

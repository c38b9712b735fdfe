import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { exampleDocument, exampleStep, exampleWorkflow, read, withStep } from '../read/read.example.ts';

const folder = join(import.meta.dirname, '../../../testdata/oai-arazzo-specification');
const filesOf = (verdict: 'pass' | 'fail') => globSync(`v*/tests/schema/${verdict}/*.yaml`, { cwd: folder }).toSorted();

describe('the suite of the OpenAPI Initiative', () => {
  test('has 38 documents that pass and 29 that fail', () => {
    expect([filesOf('pass').length, filesOf('fail').length]).toEqual([38, 29]);
  });

  test.each(filesOf('pass'))('%s is accepted', (file) => {
    expect(read(readFileSync(join(folder, file), 'utf8')).errors).toEqual([]);
  });

  test.each(filesOf('fail'))('%s is refused', (file) => {
    expect(read(readFileSync(join(folder, file), 'utf8')).errors.length).toBeGreaterThan(0);
  });
});

describe('the official schema', () => {
  test.each(['schema-1.0.json', 'schema-1.1.json'])('%s is the one of the suite', (file) => {
    const own = JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8'));
    expect(own).toEqual(JSON.parse(readFileSync(join(folder, basename(file)), 'utf8')));
  });

  test('refuses what was read without a problem', () => {
    const criterion = { condition: '$statusCode == 200' };
    const { errors, problems } = read(withStep({ successCriteria: [criterion, criterion] }));
    expect(errors).toEqual(['schema /workflows/0/steps/0/successCriteria']);
    expect(problems.toList()[0]).toMatchObject({
      message: 'According to the schema of Arazzo 1.1, this must not have duplicate items',
    });
    expect(read(withStep({ operationId: 'a', action: 'send', correlationId: 1 })).errors).toEqual([
      'schema /workflows/0/steps/0/action',
    ]);
  });

  test('adds nothing to a problem already reported, and reports those elsewhere', () => {
    const criterion = { condition: 'true' };
    const broken = { ...exampleStep, parameters: [{ name: 'a', in: 'nowhere', value: 1 }], onSuccess: 'x', surplus: 1 };
    const doubled = { ...exampleStep, stepId: 'two', successCriteria: [criterion, criterion] };
    expect(
      read(exampleDocument({ workflows: [{ ...exampleWorkflow, steps: [broken, doubled] }] })).errors.toSorted(),
    ).toEqual([
      'schema /workflows/0/steps/1/successCriteria',
      'unknown_key /workflows/0/steps/0/surplus',
      'unknown_word /workflows/0/steps/0/parameters/0/in',
      'wrong_type /workflows/0/steps/0/onSuccess',
    ]);
  });

  test.each([
    ['a parameter that is an object, in 1.1', { parameters: [{ name: 'a', in: 'query', value: { b: 1 } }] }],
    [
      'a replacement of any type',
      {
        requestBody: {
          replacements: [
            { target: '/a', value: { b: 1 } },
            { target: '/b', value: 10 },
          ],
        },
      },
    ],
    [
      'an expression type without a version',
      { successCriteria: [{ context: '$response.body', condition: '$', type: { type: 'jsonpath' } }] },
    ],
    ['a simple condition without a context', { successCriteria: [{ condition: 'true', type: 'simple' }] }],
  ])('warns at most of %s', (_, step) => {
    const { errors, warnings } = read(withStep(step));
    expect(errors).toEqual([]);
    for (const warning of warnings) expect(warning).toMatch(/^outside_schema /);
    expect(warnings.length).toBeGreaterThan(0);
  });
});

import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { read, withStep } from './read.example.ts';

const at = '/workflows/0/steps/0/successCriteria/0';

function readCriterion(criterion: JsonObject, arazzo = '1.1.0') {
  const { document, ...rest } = read({ ...withStep({ successCriteria: [criterion] }), arazzo });
  return { ...rest, criterion: document?.workflows[0]?.steps[0]?.successCriteria?.[0] };
}

const queried = (type: Json, condition = '$.a') => ({ context: '$response.body', condition, type });

describe('type and context', () => {
  test('regex, jsonpath and xpath need a context', () => {
    for (const type of ['regex', 'jsonpath', 'xpath', { type: 'jsonpath', version: 'rfc9535' }]) {
      expect(readCriterion({ condition: 'a', type }).errors).toEqual([`missing_key ${at}`]);
      expect(readCriterion(queried(type)).errors).toEqual([]);
    }
  });

  test('simple is the default, with or without a context', () => {
    expect(readCriterion({ condition: '$statusCode == 200' }).criterion?.type).toBe('simple');
    expect(readCriterion(queried('simple'))).toMatchObject({ errors: [], warnings: [] });
    for (const arazzo of ['1.0.1', '1.1.0']) {
      expect(readCriterion({ condition: 'true', type: 'simple' }, arazzo)).toMatchObject({
        errors: [],
        warnings: [`outside_schema ${at}/type`],
      });
    }
  });

  test('other types are refused', () => {
    expect(readCriterion(queried('jsonpointer')).errors).toEqual([`unknown_word ${at}/type`]);
    expect(readCriterion(queried({ type: 'jsonpointer', version: 'rfc6901' })).errors).toEqual([
      `unknown_word ${at}/type/type`,
    ]);
    expect(readCriterion(queried({ type: 'regex', version: '1' })).errors).toEqual([`unknown_word ${at}/type/type`]);
  });
});

describe('versions of JSONPath', () => {
  test.each(['1.0.1', '1.1.0'])('RFC 9535 in %s', (arazzo) => {
    expect(readCriterion(queried({ type: 'jsonpath', version: 'rfc9535' }), arazzo)).toMatchObject({
      errors: [],
      warnings: [],
      criterion: { type: 'jsonpath' },
    });
  });

  test.each(['1.0.1', '1.1.0'])('never the draft by Goessner as if it were RFC 9535, in %s', (arazzo) => {
    const version = 'draft-goessner-dispatch-jsonpath-00';
    expect(readCriterion(queried({ type: 'jsonpath', version }), arazzo).errors).toEqual([
      `unsupported_expression_version ${at}/type/version`,
    ]);
  });

  test('nor in the form that the schema of 1.0 has', () => {
    const criterion = { ...queried('jsonpath'), version: 'draft-goessner-dispatch-jsonpath-00' };
    expect(readCriterion(criterion, '1.0.1').errors).toEqual([`unsupported_expression_version ${at}/version`]);
  });

  test('RFC 9535 if none is given, which is reported', () => {
    expect(readCriterion(queried({ type: 'jsonpath' }))).toMatchObject({
      errors: [],
      warnings: [`outside_schema ${at}/type`],
    });
  });
});

describe('versions of XPath', () => {
  test.each(['xpath-31', 'xpath-30', 'xpath-20'])('%s', (version) => {
    expect(readCriterion(queried({ type: 'xpath', version }, '/a'))).toMatchObject({ errors: [], warnings: [] });
  });

  test('xpath-10 with a note', () => {
    expect(readCriterion(queried({ type: 'xpath', version: 'xpath-10' }, '/a'))).toMatchObject({
      errors: [],
      warnings: [`xpath_version ${at}/type/version`],
    });
  });

  test('no other', () => {
    expect(readCriterion(queried({ type: 'xpath', version: 'rfc9535' }, '/a')).errors).toEqual([
      `unsupported_expression_version ${at}/type/version`,
    ]);
  });
});

test('the criteria of a step cannot be an empty list; those of a failure action can', () => {
  expect(read(withStep({ successCriteria: [] })).errors).toEqual(['empty_list /workflows/0/steps/0/successCriteria']);
  expect(read(withStep({ onFailure: [{ name: 'a', type: 'end', criteria: [] }] })).errors).toEqual([]);
  expect(read(withStep({ onSuccess: [{ name: 'a', type: 'end', criteria: [] }] })).errors).toHaveLength(1);
});

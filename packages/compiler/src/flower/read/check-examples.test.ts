import { expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import type { Validate } from '@toolplane/json-schema';
import { Part } from '../../document/part.ts';
import { Problems } from '../../document/problems.ts';
import { readDocument } from '../../document/read-document.ts';
import { checkExamples } from './check-examples.ts';

function check(inputs: JsonObject, validate: Validate): string[] {
  const { document } = readDocument(JSON.stringify(inputs));
  if (document === undefined) throw new Error('no document');
  const problems = new Problems(document.positions);
  checkExamples(new Part(document.value, '', problems), validate);
  return problems.toList().map(({ pointer, message }) => `${pointer} ${message}`);
}

test('the number of validations is that of the longest list of examples, however many inputs there are', () => {
  const inputs = Array.from({ length: 500 }, (_, index) => [`p${index}`, { 'x-examples': Array(20).fill(1) }]);
  let validations = 0;
  const validate: Validate = (value) => {
    validations += 1;
    return { ok: true, value };
  };
  expect(check({ properties: Object.fromEntries(inputs) }, validate)).toEqual([]);
  expect(validations).toBe(20);
});

test('each example that violates its schema is reported once, at its place', () => {
  const violations = ['/a', '/a/x', '/b'].map((path) => ({ path, rule: 'type', message: 'must be text' }));
  const properties = { a: { examples: [1] }, b: { 'x-examples': [1, 2] }, c: {} };
  expect(check({ properties }, () => ({ ok: false, violations }))).toEqual([
    '/properties/a/examples/0 An example of "a" must be text',
    '/properties/b/x-examples/0 An example of "b" must be text',
    '/properties/b/x-examples/1 An example of "b" must be text',
  ]);
});

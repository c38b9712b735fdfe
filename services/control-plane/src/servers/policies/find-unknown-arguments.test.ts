import { expect, test } from '@jest/globals';
import { type JsonObject, policySchema } from '@toolplane/contracts';
import { findUnknownArguments } from './find-unknown-arguments.ts';

const find = (schema: JsonObject, tool: JsonObject) => {
  const rule = { id: 'r', effect: 'deny', arguments: schema };
  return findUnknownArguments(policySchema.parse({ unmatched: 'allow', rules: [rule], limits: [] }), [
    { tool: { name: 'pay' }, inputSchema: JSON.stringify(tool) },
  ]);
};
const takesAmount = { type: 'object', properties: { amount: {} } };

test('reports a misspelled argument, with what may have been meant', () => {
  expect(find({ required: ['ammount'] }, takesAmount)).toEqual([
    {
      path: 'policy.rules.0.arguments.required.0',
      message: 'No tool to which the rule applies has an argument ammount',
      suggestions: ['amount'],
    },
  ]);
});

test.each<[string, JsonObject]>([
  ['names no arguments', { type: 'object' }],
  ['accepts others', { type: 'object', properties: { amount: {} }, additionalProperties: { type: 'string' } }],
  ['declares them elsewhere', { type: 'object', properties: { amount: {} }, anyOf: [{}] }],
])('nothing is reported for a tool that %s', (_what, tool) => {
  expect(find({ required: ['b'] }, tool)).toEqual([]);
});

test('no more is reported than anybody reads, and what cannot be a name is compared with none', () => {
  const names = Array.from({ length: 10_000 }, (_, at) => `n${at}`);
  expect(find({ required: names }, takesAmount)).toHaveLength(50);
  const long = 'a'.repeat(90_000);
  const [warning] = find({ required: [long] }, { type: 'object', properties: { [`${long}b`]: {} } });
  expect(warning?.suggestions).toEqual([]);
});

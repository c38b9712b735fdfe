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

test('tells of a misspelled argument, with what may have been meant', () => {
  expect(find({ required: ['ammount'] }, takesAmount)).toEqual([
    {
      path: 'policy.rules.0.arguments.required.0',
      message: 'No tool to which the rule applies has an argument ammount',
      suggestions: ['amount'],
    },
  ]);
});

test.each<[string, JsonObject]>([
  ['names none', { type: 'object' }],
  ['takes others', { type: 'object', properties: { amount: {} }, additionalProperties: { type: 'string' } }],
  ['says so elsewhere', { type: 'object', properties: { amount: {} }, anyOf: [{}] }],
])('of a tool that %s not everything is known', (_what, tool) => {
  expect(find({ required: ['b'] }, tool)).toEqual([]);
});

test('more than anybody reads is not told, and what is no name is compared with none', () => {
  const names = Array.from({ length: 10_000 }, (_, at) => `n${at}`);
  expect(find({ required: names }, takesAmount)).toHaveLength(50);
  const long = 'a'.repeat(90_000);
  const [warning] = find({ required: [long] }, { type: 'object', properties: { [`${long}b`]: {} } });
  expect(warning?.suggestions).toEqual([]);
});

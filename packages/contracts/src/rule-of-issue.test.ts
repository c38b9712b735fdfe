import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { ruleOfIssue, toBrokenRules } from './rule-of-issue.ts';

const rules = (schema: z.ZodType, value: unknown) => {
  const { error } = schema.safeParse(value, { error: ruleOfIssue });
  return toBrokenRules(error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`.trim());
};

test.each([
  ['an absent member', z.object({ a: z.string() }), {}, 'a is missing'],
  ['an absent choice', z.object({ a: z.enum(['x', 'y']) }), {}, 'a is missing'],
  ['an absent union', z.object({ a: z.union([z.string(), z.int()]) }), {}, 'a is missing'],
  ['a number for text', z.string(), 1, 'must be a string'],
  ['text for a number', z.number(), 'canary', 'must be a number'],
  ['a fraction', z.int(), 1.5, 'must be a whole number'],
  ['text for a flag', z.boolean(), 'canary', 'must be true or false'],
  ['an object for a list', z.array(z.string()), {}, 'must be a list'],
  ['null for an object', z.object({}), null, 'must be an object'],
  ['a list for a map', z.record(z.string(), z.string()), [], 'must be an object'],
  ['another choice', z.enum(['allow', 'deny']), 'canary', 'must be one of allow, deny'],
  ['another constant', z.literal(1), 2, 'must be 1'],
  ['empty text', z.string().min(1), '', 'must not be empty'],
  ['short text', z.string().min(12), 'canary', 'must have at least 12 characters'],
  ['long text', z.string().max(3), 'canary', 'must have at most 3 characters'],
  ['an empty list', z.array(z.string()).min(1), [], 'must not be empty'],
  ['a long list', z.array(z.string()).max(1), ['canary', 'b'], 'must have at most 1 entry'],
  ['a small number', z.int().min(10), 9, 'must be at least 10'],
  ['a large number', z.int().max(10), 11, 'must be at most 10'],
  ['zero where more is needed', z.number().positive(), 0, 'must be more than 0'],
  ['text that is no time', z.iso.datetime(), 'canary', 'must be a time in ISO 8601, with Z or an offset'],
  ['text that is no URL', z.url(), 'canary', 'must be an absolute URL'],
  ['an unknown member', z.strictObject({}), { a: 'canary' }, 'a is not known here'],
  [
    'an unfit name',
    z.record(z.string().regex(/^a$/, 'must be a'), z.string()),
    { b: 'canary' },
    'b is not allowed as a name: it must be a',
  ],
  [
    'an unknown kind',
    z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })]),
    { kind: 'canary' },
    'kind must be one of a, b',
  ],
  [
    'the only form of its type',
    z.union([z.string().max(3), z.object({ sealed: z.string() })]),
    { sealed: 1 },
    'sealed must be a string',
  ],
  [
    'a value of no type',
    z.union([z.string(), z.object({ sealed: z.string() })]),
    1,
    'must be a string, or must be an object',
  ],
  ['what a schema says itself', z.string().regex(/^a$/, 'must be a'), 'canary', 'must be a'],
])('%s is reported with its rule, and never quoted', (_what, schema, value, rule) => {
  expect(rules(schema, value)).toEqual([rule]);
});

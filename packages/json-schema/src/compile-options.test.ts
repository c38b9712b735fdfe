import { expect, jest, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { compileJsonSchema } from './compile-json-schema.ts';

test('a validator for few values finds the same violations', () => {
  const schema = { properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['c'] };
  const value = { a: 1, b: 1 };
  expect(compileJsonSchema(schema, { forFewValues: true })(value)).toEqual(compileJsonSchema(schema)(value));
  expect(compileJsonSchema(schema, { forFewValues: true })({ c: 1 })).toEqual({ ok: true, value: { c: 1 } });
});

test('a validator for a verdict stops at the first violation, and is compiled once', () => {
  const schema = { properties: { a: { type: 'string' }, b: { type: 'string' } } };
  const forAll = compileJsonSchema(schema);
  const forVerdict = compileJsonSchema(schema, { forVerdict: true });
  const compile = jest.spyOn(Ajv2020.prototype, 'compile');
  try {
    expect(forVerdict({ a: 1, b: 1 })).toMatchObject({ ok: false, violations: [{ path: '/a' }] });
    expect(forVerdict({ a: 'a' })).toEqual({ ok: true, value: { a: 'a' } });
    expect(compile).not.toHaveBeenCalled();
    expect(forAll({ a: 1, b: 1 })).toMatchObject({ violations: [{ path: '/a' }, { path: '/b' }] });
    expect(compile).toHaveBeenCalledTimes(1);
  } finally {
    compile.mockRestore();
  }
});

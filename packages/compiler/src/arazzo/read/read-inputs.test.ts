import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import { read, withWorkflow } from './read.example.ts';

const at = '/workflows/0/inputs';

function readInputs(inputs: Json, components: JsonObject = {}): ReturnType<typeof read> & { inputs?: JsonObject } {
  const result = read(withWorkflow({ inputs }, { components: { inputs: components } }));
  const [workflow] = result.document?.workflows ?? [];
  return { ...result, ...(workflow?.inputs === undefined ? {} : { inputs: workflow.inputs }) };
}

describe('inputs are JSON Schema 2020-12', () => {
  test('that is compiled', () => {
    const c = { $ref: '#/$defs/none' };
    const { errors } = readInputs({ properties: { a: { type: 'strin' }, b: { pattern: '(' }, c } });
    expect(errors.toSorted()).toEqual([
      `invalid_inputs ${at}/properties/a/type`,
      `invalid_inputs ${at}/properties/b/pattern`,
      `unknown_ref ${at}/properties/c/$ref`,
    ]);
    expect(readInputs({ properties: { a: { type: 'strin' } } }).errors).toEqual([
      `invalid_inputs ${at}/properties/a/type`,
    ]);
    expect(readInputs({}, { unused: { type: 'nothing' } }).errors).toEqual([
      'invalid_inputs /components/inputs/unused/type',
    ]);
  });

  test('of an object', () => {
    expect(readInputs({ properties: { a: {} } }).inputs).toMatchObject({ type: 'object' });
    expect(readInputs({ type: 'string' }).errors).toEqual([`invalid_inputs ${at}/type`]);
    expect(readInputs(true).errors).toEqual([`wrong_type ${at}`]);
  });
});

describe('the target of a $ref is put in its place', () => {
  const store = { type: 'string', description: 'A shop' };

  test('at the root and inside, even components in components', () => {
    const order = { type: 'object', properties: { store: { $ref: '#/components/inputs/store' } }, required: ['store'] };
    const { errors, inputs } = readInputs({ $ref: '#/components/inputs/order' }, { order, store });
    expect(errors).toEqual([]);
    expect(inputs).toEqual({ type: 'object', properties: { store }, required: ['store'] });
  });

  test('with its sibling keywords', () => {
    const base = { type: 'object', properties: { a: store }, required: ['a'] };
    const own = { $ref: '#/components/inputs/base', properties: { b: { type: 'number' } }, required: ['b'] };
    expect(readInputs(own, { base }).inputs).toEqual({
      type: 'object',
      properties: { a: store, b: { type: 'number' } },
      required: ['a', 'b'],
    });
    const described = { properties: { s: { $ref: '#/components/inputs/store', description: 'Mine' } } };
    expect(readInputs(described, { store }).inputs).toMatchObject({ properties: { s: { description: 'Mine' } } });
    const closed = { $ref: '#/components/inputs/base', additionalProperties: false };
    expect(readInputs(closed, { base }).inputs).toEqual({ type: 'object', additionalProperties: false, allOf: [base] });
  });

  test('of $defs, $anchor and pointers of its own schema', () => {
    const inputs = {
      properties: {
        a: { $ref: '#/$defs/name' },
        b: { $ref: '#named' },
        c: { $ref: '#/properties/a' },
        d: { $ref: '#/workflows/0/inputs/$defs/name' },
        e: { $ref: '#/%24defs/name' },
      },
      $defs: { name: { type: 'string', $anchor: 'named' } },
    };
    const name = { type: 'string' };
    expect(readInputs(inputs)).toMatchObject({
      errors: [],
      inputs: { type: 'object', properties: { a: name, b: name, c: name, d: name, e: name } },
    });
  });

  test('of $defs and $anchor of a component', () => {
    const shop = {
      type: 'object',
      properties: { id: { $ref: '#/$defs/id' } },
      $defs: { id: { $anchor: 'shopId', type: 'integer' } },
    };
    const inputs = { properties: { shop: { $ref: '#/components/inputs/shop' }, other: { $ref: '#shopId' } } };
    const id = { type: 'integer' };
    expect(readInputs(inputs, { shop }).inputs).toEqual({
      type: 'object',
      properties: { shop: { type: 'object', properties: { id } }, other: id },
    });
  });

  test('a recursive one is put in $defs', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/components/inputs/node' } } };
    const { errors, inputs } = readInputs({ properties: { first: { $ref: '#/components/inputs/node' } } }, { node });
    expect(errors).toEqual([]);
    const reference = { properties: { next: { $ref: '#/$defs/node' } } };
    expect(inputs).toMatchObject({ properties: { first: reference }, $defs: { node: reference } });
  });

  test('not in values that only look like schemas', () => {
    const example = { $ref: '#/nowhere' };
    const inputs = { properties: { a: { default: example, examples: [example], const: example, 'x-a': example } } };
    expect(readInputs(inputs).errors).toEqual([]);
  });

  test('a Reusable Object in its place is treated like it, and reported', () => {
    const { errors, warnings, inputs } = readInputs(
      { reference: '$components.inputs.a' },
      { a: { properties: { s: store } } },
    );
    expect([errors, warnings]).toEqual([[], [`wrong_reference ${at}/reference`]]);
    expect(inputs).toEqual({ type: 'object', properties: { s: store } });
  });

  test.each([
    ['https://example.com/schema.json', 'remote_ref'],
    ['./schemas.yaml#/a', 'remote_ref'],
    ['#/components/inputs/other', 'unknown_ref'],
    ['#/components/parameters/a', 'unknown_ref'],
    ['#/../../etc/passwd', 'unknown_ref'],
    ['#/%2e%2e/a', 'unknown_ref'],
    ['#/__proto__', 'unknown_ref'],
    ['#/constructor/prototype', 'unknown_ref'],
    ['#/%', 'unknown_ref'],
    ['#nowhere', 'unknown_ref'],
  ])('B052: %s is refused', ($ref, code) => {
    expect(readInputs({ properties: { a: { $ref } } }, { store }).errors).toEqual([`${code} ${at}/properties/a/$ref`]);
  });

  test('references that multiply are stopped', () => {
    const level = (index: number) => ({
      properties: {
        a: { $ref: `#/components/inputs/l${index + 1}` },
        b: { $ref: `#/components/inputs/l${index + 1}` },
      },
    });
    const levels = Object.fromEntries([...Array(30).keys()].map((index) => [`l${index}`, level(index)]));
    const started = cpuMs();
    expect(readInputs({ $ref: '#/components/inputs/l0' }, { ...levels, l30: {} }).errors).toHaveLength(1);
    expect(cpuMs() - started).toBeLessThan(4000);
  });
});

test('a default that its own schema refuses is dropped, and reported', () => {
  const { inputs, warnings } = readInputs({
    properties: { a: { type: 'string', default: null }, b: { default: null } },
  });
  expect(warnings).toEqual([`invalid_default ${at}/properties/a/default`]);
  expect(inputs).toEqual({ type: 'object', properties: { a: { type: 'string' }, b: { default: null } } });
});

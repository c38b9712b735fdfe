import { describe, expect, test } from '@jest/globals';
import type { PlanRequest, Template } from '@toolplane/contracts';
import { compileExample, compileTool, exampleConnector, type OperationInput } from '../connector.example.ts';

type ParameterInput = NonNullable<OperationInput['parameters']>[number];

function requestOf(operation: Partial<OperationInput>, mappings: Record<string, string> = {}): PlanRequest {
  const request = compileTool(exampleConnector(operation, {}, mappings)).plan.steps[0]?.request;
  if (request === undefined) throw new Error('There is no request');
  return request;
}

function inputsOf(...parameters: ParameterInput[]): unknown {
  return compileTool(exampleConnector({ parameters })).tool.inputSchema;
}

const input = (name: string): Template => ({ kind: 'reference', path: ['inputs', name] });
const literal = (value: string | number): Template => ({ kind: 'literal', value });

describe('inputs of a tool', () => {
  test('are the parameters that a model sees, with everything that is declared for them', () => {
    const schema = inputsOf(
      { name: 'a', location: 'query', field_type: 'integer', minimum: 1, maximum: 5, default_value: 2, required: true },
      { name: 'b', location: 'query', required: true, pattern: '^x', max_length: 5, description: 'B' },
      { name: 'c', location: 'query', field_type: 'array', items: { type: 'string' } },
      { name: 'd', location: 'query', enum: ['x', 'y'] },
      { name: 'e', location: 'query', hidden: true, default_value: 1, field_type: 'number' },
      { name: 'f', location: 'query', schema: { type: ['string', 'null'] }, description: 'F' },
    );
    expect(schema).toEqual({
      type: 'object',
      properties: {
        a: { type: 'integer', minimum: 1, maximum: 5, default: 2 },
        b: { type: 'string', pattern: '^x', maxLength: 5, description: 'B' },
        c: { type: 'array', items: { type: 'string' } },
        d: { type: 'string', enum: ['x', 'y'] },
        f: { type: ['string', 'null'], description: 'F' },
      },
      required: ['b'],
      additionalProperties: false,
    });
  });

  test('refer to places inside their own schemas', () => {
    const node = { type: 'object', properties: { next: { $ref: '#' }, $ref: { const: { $ref: '#' } } } };
    const schema = inputsOf(
      { name: 'a/b', location: 'query', schema: node },
      { name: 'c', location: 'query', schema: { $ref: '#/$defs/x', $defs: { x: { type: 'string' } } } },
      { name: 'd', location: 'query', field_type: 'array', items: { items: { $ref: '#' } } },
    );
    expect(schema).toMatchObject({
      properties: {
        'a/b': { properties: { next: { $ref: '#/properties/a~1b' }, $ref: { const: { $ref: '#' } } } },
        c: { $ref: '#/properties/c/$defs/x' },
        d: { items: { items: { $ref: '#/properties/d/items' } } },
      },
    });
  });

  test.each<[what: string, parameter: Partial<ParameterInput>, minLength: number | undefined]>([
    ['a text', {}, 1],
    ['a text of a schema', { schema: { type: 'string', pattern: 'a' } }, 1],
    ['a text that itself declares this', { schema: { type: 'string', minLength: 0 } }, 0],
    ['one of several words', { enum: ['a'] }, undefined],
    ['a number', { field_type: 'integer' }, undefined],
  ])('in a path are not empty: %s', (_what, rest, minLength) => {
    const parameters: ParameterInput[] = [{ name: 'id', location: 'path', ...rest }];
    const { tool } = compileTool(exampleConnector({ endpoint: 'https://a.example/{id}', parameters }));
    const { id } = tool.inputSchema['properties'] as { id: { minLength?: number } };
    expect(id.minLength).toBe(minLength);
  });

  test('in a path have no empty default', () => {
    const parameters: ParameterInput[] = [{ name: 'id', location: 'path', default_value: '' }];
    const { diagnostics } = compileExample(exampleConnector({ endpoint: 'https://a.example/{id}', parameters }));
    expect(diagnostics.map(({ code }) => code)).toContain('invalid_default');
  });

  test('have the names of the mapping', () => {
    const { tool, plan } = compileTool(
      exampleConnector({ parameters: [{ name: 'maxResults', location: 'query' }] }, {}, { maxResults: 'limit' }),
    );
    expect(tool.inputSchema['properties']).toEqual({ limit: { type: 'string' } });
    expect(plan.steps[0]?.request?.parameters).toMatchObject([{ name: 'maxResults', value: input('limit') }]);
    expect(plan.narrowingInputs).toEqual(['limit']);
  });
});

describe('a parameter is written where and as it is declared', () => {
  const query = (rest: Partial<ParameterInput>): ParameterInput => ({ name: 'q', location: 'query', ...rest });
  test.each<[what: string, parameter: ParameterInput, written: object]>([
    ['in the query', query({}), { in: 'query', style: 'form', explode: true }],
    ['as a list that repeats', query({ field_type: 'array' }), { style: 'form', explode: true }],
    ['as a list with commas', query({ field_type: 'array', style: 'comma' }), { style: 'form', explode: false }],
    ['as a list of objects', query({ field_type: 'array', items: { properties: {} } }), { style: 'deepObject' }],
    [
      'as a list of objects of a schema',
      query({ schema: { type: 'array', items: { $ref: '#/$defs/o' }, $defs: { o: { type: 'object' } } } }),
      { style: 'deepObject' },
    ],
    [
      'as a list of objects in JSON',
      query({ field_type: 'array', items: { type: 'object' }, style: 'repeat' }),
      { style: 'form', explode: true },
    ],
    ['as a list of texts', query({ field_type: 'array', items: { type: 'string' } }), { style: 'form', explode: true }],
    ['as a list of anything', query({ field_type: 'array', items: {} }), { style: 'form', explode: true }],
    ['as an object', query({ field_type: 'object' }), { style: 'deepObject', explode: true }],
    ['as an object of a schema', query({ schema: { type: ['null', 'object'] } }), { style: 'deepObject' }],
    ['as text of a schema', query({ schema: { anyOf: [{ type: 'string' }, { const: 1 }] } }), { style: 'form' }],
    ['as a list or text', query({ schema: { anyOf: [{ type: 'array' }, { enum: ['a'] }] } }), { style: 'form' }],
    [
      'in a header',
      { name: 'X-A', location: 'header', required: true },
      { in: 'header', style: 'simple', required: true },
    ],
    ['under another name', query({ send_as: 'filter[q]' }), { name: 'filter[q]', value: input('q') }],
    ['hidden', query({ hidden: true, default_value: 'x' }), { value: literal('x') }],
  ])('%s', (_what, parameter, written) => {
    expect(requestOf({ parameters: [parameter] }).parameters).toMatchObject([written]);
  });

  // Separate members in a query could be any parameter of the request, including credentials.
  test.each<[schema: object]>([
    [{}],
    [{ type: ['string', 'object'] }],
    [{ anyOf: [{ type: 'string' }, { type: 'object' }] }],
    [{ oneOf: [{ type: 'string' }, {}] }],
    [{ allOf: [{ minProperties: 1 }] }],
    [{ enum: ['a', { key: 'x' }] }],
    [{ $ref: '#/$defs/o', $defs: { o: { properties: {} } } }],
  ])('and what can be an object keeps its name in the query: %j', (schema) => {
    const parameters = [query({ schema: schema as NonNullable<ParameterInput['schema']> })];
    expect(requestOf({ parameters }).parameters).toMatchObject([{ style: 'deepObject', explode: true }]);
  });

  test('in the path', () => {
    const { url, parameters } = requestOf({
      endpoint: 'https://api.example.com/{{v}}/a/{id}/b?v=1',
      parameters: [{ name: 'id', location: 'path' }],
    });
    expect(url).toEqual({
      kind: 'operation',
      parts: ['https://api.example.com/{v}/a/', { parameter: 'id' }, '/b?v=1'],
    });
    expect(parameters).toEqual([
      { name: 'id', in: 'path', style: 'simple', explode: false, required: true, value: input('id') },
    ]);
  });
});

describe('a body', () => {
  const body = (name: string, rest: Partial<ParameterInput> = {}): ParameterInput => ({
    name,
    location: 'body',
    ...rest,
  });
  const post = (parameters: ParameterInput[], rest: Partial<OperationInput> = {}) =>
    requestOf({ method: 'POST', parameters, ...rest });

  test('is JSON without what is not given, nested by dots', () => {
    const request = post([body('a'), body('b.c', { hidden: true, default_value: 'x' }), body('b.d')]);
    expect(request).toMatchObject({ headers: [], bodyType: 'json' });
    expect(request.body).toEqual({
      kind: 'map',
      entries: [
        ['a', input('a')],
        [
          'b',
          {
            kind: 'map',
            entries: [
              ['c', literal('x')],
              ['d', input('b.d')],
            ],
            sparse: true,
            canBeAbsent: true,
          },
        ],
      ],
      sparse: true,
    });
  });

  test('is one parameter', () => {
    expect(post([body('all', { field_type: 'array' })], { body_root: 'all' })).toMatchObject({
      body: input('all'),
      bodyType: 'json',
    });
  });

  test.each<[type: string, bodyType: string]>([
    ['application/vnd.api+json', 'json'],
    ['text/xml; charset=utf-8', 'text'],
    ['text/csv', 'text'],
    ['application/octet-stream', 'base64'],
  ])('of the type %s is %s', (type, bodyType) => {
    const request = post([body('all')], { body_root: 'all', content_type: type });
    expect(request).toMatchObject({ headers: [['content-type', literal(type)]], bodyType });
  });

  test('is a form, with lists and objects as most servers read them', () => {
    const request = post(
      [
        body('a', { field_type: 'array' }),
        body('b', { field_type: 'array', style: 'comma' }),
        body('c.d'),
        body('e', { field_type: 'object' }),
        body('f', { field_type: 'array', items: { type: 'object' } }),
      ],
      { body_encoding: 'form' },
    );
    expect(request).toMatchObject({
      bodyType: 'form',
      fields: {
        b: { style: 'form', explode: false },
        c: { style: 'deepObject', explode: true },
        e: { style: 'deepObject', explode: true },
        f: { style: 'deepObject', explode: true },
      },
    });
    expect(request.fields).not.toHaveProperty('a');
  });

  test('is multipart', () => {
    const request = post([body('file', { field_type: 'object' })], { body_encoding: 'multipart' });
    expect(request).toMatchObject({ bodyType: 'multipart', body: { entries: [['file', input('file')]] } });
    expect(request).not.toHaveProperty('fields');
  });

  test('is absent without body parameters', () => {
    expect(post([])).not.toHaveProperty('body');
  });
});

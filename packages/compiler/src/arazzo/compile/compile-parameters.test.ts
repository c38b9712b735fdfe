import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject, PlanParameter } from '@toolplane/contracts';
import { codesOf, compile, type Example, problemsOf, requestOf } from './compile.example.ts';

const ok = { responses: { 200: { description: 'Found' } } };

/** Returns one operation with these parameters, called with those values. */
function example(
  declared: Json[],
  given: Json[],
  { path = '/items', ...more }: Example & { path?: string } = {},
): Example {
  return {
    paths: { [path]: { get: { operationId: 'read', parameters: declared, ...ok } } },
    steps: [{ stepId: 'a', operationId: 'read', parameters: given }],
    ...more,
  };
}

function parametersOf(...of: Parameters<typeof example>): PlanParameter[] {
  return requestOf(example(...of)).parameters ?? [];
}

function declare(name: string, place: string, more: JsonObject = {}): JsonObject {
  return { name, in: place, schema: {}, ...(place === 'path' ? { required: true } : {}), ...more };
}

describe('parameters of a step', () => {
  const ofWorkflow = [
    { name: 'id', in: 'query', value: 'workflow' },
    { name: 'id', in: 'header', value: 'workflow' },
    { name: 'X-Trace', in: 'header', value: 'workflow' },
  ];
  const declared = [declare('id', 'query'), declare('id', 'header'), declare('X-Trace', 'header')];

  test('those of the step win by name and place, headers in any case, and the others of the workflow stay', () => {
    const given = [
      { name: 'id', in: 'query', value: 'step' },
      { name: 'x-trace', in: 'header', value: 'step' },
    ];
    const parameters = parametersOf(declared, given, { workflow: { parameters: ofWorkflow } });
    expect(parameters.map(({ name, in: place, value }) => [name, place, value])).toEqual([
      ['id', 'query', { kind: 'literal', value: 'step' }],
      ['x-trace', 'header', { kind: 'literal', value: 'step' }],
      ['id', 'header', { kind: 'literal', value: 'workflow' }],
    ]);
  });

  test('a value of the workflow is evaluated again for every step', () => {
    const value = '$steps.a.outputs.id';
    const { plan } = compile({
      steps: [
        { stepId: 'a', operationId: 'read', outputs: { id: '$response.body#/id' } },
        { stepId: 'b', operationId: 'read' },
        { stepId: 'c', operationId: 'read' },
      ],
      workflow: { parameters: [{ name: 'id', in: 'query', value }] },
    });
    const values = plan.steps.map(({ request }) => request?.parameters?.map((parameter) => parameter.value));
    expect(values).toEqual(Array(3).fill([{ kind: 'reference', path: ['steps', 'a', 'outputs', 'id'] }]));
  });

  test('the value beside a reference replaces that of the component', () => {
    const root = { components: { parameters: { page: { name: 'page', in: 'query', value: 1 } } } };
    const given = [{ reference: '$components.parameters.page', value: '$inputs.page' }];
    const workflow = { inputs: { type: 'object', properties: { page: {} } } };
    expect(parametersOf([declare('page', 'query')], given, { root, workflow })).toMatchObject([
      { name: 'page', in: 'query', value: { kind: 'reference', path: ['inputs', 'page'] } },
    ]);
  });
});

describe('how a parameter is written', () => {
  test.each([
    ['simple', false],
    ['label', true],
    ['matrix', false],
  ])('a path parameter has the style %s of the operation, and is required', (style, explode) => {
    const path = '/items/{id}';
    const parameters = parametersOf(
      [declare('id', 'path', { style, explode })],
      [{ name: 'id', in: 'path', value: 1 }],
      {
        path,
      },
    );
    expect(parameters).toMatchObject([{ name: 'id', in: 'path', style, explode, required: true }]);
  });

  test.each(['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'])(
    'a query parameter has the style %s of the operation',
    (style) => {
      const declared = [declare('q', 'query', { style, allowReserved: true })];
      const parameters = parametersOf(declared, [{ name: 'q', in: 'query', value: [1] }]);
      expect(parameters).toMatchObject([{ style, explode: style === 'form', allowReserved: true }]);
    },
  );

  test('a header is simple, and a step may set Accept and Authorization, which no operation declares', () => {
    const given = ['Accept', 'Authorization', 'X-Trace'].map((name) => ({ name, in: 'header', value: 'a' }));
    const written = example([declare('X-Trace', 'header'), declare('Accept', 'header')], given);
    expect(problemsOf(written)).toEqual([]);
    expect(requestOf(written).parameters).toMatchObject(given.map(({ name }) => ({ name, style: 'simple' })));
  });

  test('a cookie parameter is written as a cookie', () => {
    const parameters = parametersOf([declare('sid', 'cookie')], [{ name: 'sid', in: 'cookie', value: 'a' }]);
    expect(parameters).toMatchObject([{ name: 'sid', in: 'cookie', style: 'form', explode: true }]);
  });

  test('a whole query cannot stand beside query parameters', () => {
    const whole = { name: 'all', in: 'querystring', value: 'a=1&b=2' };
    const declared = [declare('all', 'querystring')];
    expect(parametersOf(declared, [whole])).toMatchObject([{ in: 'querystring' }]);
    expect(codesOf(example(declared, [whole, { name: 'c', in: 'query', value: 1 }]))).toEqual([
      'error querystring_not_alone',
      'warning undeclared_parameter',
    ]);
  });

  // Otherwise, anyone who fills in an input could add parameters that the document does not have.
  test('a value in the text of a whole query stays one value', () => {
    const inputs = { type: 'object', properties: { v: {} } };
    const templateOf = (value: Json) => {
      const given = [{ name: 'all', in: 'querystring', value }];
      return parametersOf([declare('all', 'querystring')], given, { workflow: { inputs } })[0]?.value;
    };
    expect(templateOf('a={$inputs.v}&b=1')).toMatchObject({
      kind: 'text',
      parts: ['a=', { path: ['inputs', 'v'] }, '&b=1'],
      escape: 'form',
    });
    expect(templateOf({ a: '$inputs.v' })).toMatchObject({ kind: 'map' });
  });

  test.each([
    'Host',
    'content-length',
    'Transfer-Encoding',
    'Connection',
    'Cookie',
    'X-Forwarded-For',
    'X Trace',
    'X-Trace:',
  ])('a header that can never be sent is refused: %s', (name) => {
    const given = [{ name, in: 'header', value: 'a' }];
    const isToken = /^[\w-]+$/.test(name);
    expect(codesOf(example([declare(name, 'header')], given))).toEqual([
      isToken ? 'error reserved_header' : 'error invalid_header',
    ]);
  });

  test('a header that names another content type than the body is refused', () => {
    const codesFor = (value: string) =>
      codesOf({
        steps: [
          {
            stepId: 'a',
            operationId: 'write',
            parameters: [{ name: 'Content-Type', in: 'header', value }],
            requestBody: { contentType: 'application/json', payload: {} },
          },
        ],
      }).filter((code) => code.includes('content_type'));
    expect(codesFor('text/plain')).toEqual(['error conflicting_content_type']);
    expect(codesFor('Application/JSON; charset=utf-8')).toEqual([]);
  });

  test('what looks like a Selector Object is a plain object in a document of 1.0', () => {
    const value = { context: '$inputs.list', selector: '$[0]', type: 'jsonpath' };
    const inputs = { type: 'object', properties: { list: {} } };
    const kindFor = (arazzo: string) =>
      parametersOf([declare('q', 'query')], [{ name: 'q', in: 'query', value }], {
        workflow: { inputs },
        root: { arazzo },
      })[0]?.value.kind;
    expect(kindFor('1.1.0')).toBe('select');
    expect(kindFor('1.0.1')).toBe('map');
  });

  test('a parameter with content is written in its media type', () => {
    const declared = [{ name: 'q', in: 'query', content: { 'application/json': { schema: {} } } }];
    expect(parametersOf(declared, [{ name: 'q', in: 'query', value: { a: 1 } }])).toMatchObject([
      { contentType: 'application/json' },
    ]);
  });

  test('a list or an object where the operation declares text is sent as its JSON, with a warning', () => {
    const declared = [declare('q', 'query', { schema: { type: 'string' } })];
    const workflow = { inputs: { type: 'object', properties: { list: { type: 'array' }, text: { type: 'string' } } } };
    const of = (value: Json) => example(declared, [{ name: 'q', in: 'query', value }], { workflow });
    for (const value of [[1, '$inputs.text'], '$inputs.list']) {
      expect(codesOf(of(value))).toEqual(['warning composite_as_text']);
      expect(requestOf(of(value)).parameters).toMatchObject([{ contentType: 'application/json' }]);
    }
    expect(codesOf(of('$inputs.text'))).toEqual([]);
    expect(requestOf(of('$inputs.text')).parameters?.[0]).not.toHaveProperty('contentType');
  });
});

describe('parameters that do not fit', () => {
  test('a missing path parameter is reported before anything runs', () => {
    expect(problemsOf(example([declare('id', 'path')], [], { path: '/items/{id}' }))).toEqual([
      'error missing_parameter /workflows/0/steps/0: The path parameter "id" of /items/{id} is missing',
    ]);
  });

  test('any other missing required parameter is a warning', () => {
    expect(problemsOf(example([declare('q', 'query', { required: true })], []))).toEqual([
      'warning missing_parameter /workflows/0/steps/0: The operation requires "q" in query, but the step does not send it',
    ]);
    expect(
      parametersOf([declare('q', 'query', { required: true })], [{ name: 'q', in: 'query', value: 1 }]),
    ).toMatchObject([{ required: true }]);
  });

  test('an undeclared parameter is sent with a warning, and refused by strictParameters', () => {
    const given = [{ name: 'verbose', in: 'query', value: true }];
    expect(problemsOf(example([], given))).toEqual([
      'warning undeclared_parameter /workflows/0/steps/0/parameters/0: ' +
        'The operation declares no parameter "verbose" in query: it is sent unchanged',
    ]);
    expect(parametersOf([], given)).toMatchObject([{ name: 'verbose', in: 'query', style: 'form', explode: true }]);
    expect(codesOf(example([], given, { root: { 'x-settings': { strictParameters: true } } }))).toEqual([
      'error undeclared_parameter',
    ]);
  });

  test('a path parameter whose name is spelled in another style is recognized', () => {
    const given = [{ name: 'pet_id', in: 'path', value: 1 }];
    const written = example([declare('petId', 'path')], given, { path: '/pets/{petId}' });
    expect(codesOf(written)).toEqual(['warning similar_parameter']);
    expect(requestOf(written).parameters).toMatchObject([{ name: 'petId' }]);
  });
});

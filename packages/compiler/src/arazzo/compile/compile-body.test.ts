import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { codesOf, type Example, problemsOf, requestOf } from './compile.example.ts';

const ok = { responses: { 200: { description: 'Done' } } };
const inputs = { type: 'object', properties: { name: {}, items: { type: 'array' }, xml: {} } };

type Sent = { content?: JsonObject; method?: string; required?: boolean } & Example;

/** Returns an operation with this content to which this body is sent. */
function send(
  requestBody: Json | undefined,
  { content = { 'application/json': {} }, method = 'post', required, ...more }: Sent = {},
): Example {
  const declared =
    Object.keys(content).length === 0 ? {} : { requestBody: { content, ...(required ? { required } : {}) } };
  return {
    paths: { '/items': { [method]: { operationId: 'write', ...declared, ...ok } } },
    steps: [{ stepId: 'a', operationId: 'write', ...(requestBody === undefined ? {} : { requestBody }) }],
    workflow: { inputs },
    ...more,
  };
}

function bodyOf(payload: Json, contentType?: string, more?: Sent) {
  const request = requestOf(send({ payload, ...(contentType === undefined ? {} : { contentType }) }, more));
  const { body, bodyType, headers } = request;
  return { body, bodyType, type: headers.find(([name]) => name === 'content-type')?.[1] };
}

const input = (name: string) => ({ kind: 'reference', path: ['inputs', name] });
const literal = (value: Json) => ({ kind: 'literal', value });

describe('the content type', () => {
  test.each<[string, string[], string | undefined, string]>([
    ['of the step', ['application/xml'], 'application/vnd.api+json', 'application/vnd.api+json'],
    ['of the operation, JSON first', ['application/xml', 'application/json'], undefined, 'application/json'],
    ['of the operation, the only one', ['text/plain'], undefined, 'text/plain'],
    ['JSON for any', ['*/*'], undefined, 'application/json'],
    ['JSON for any kind of JSON', ['application/*+json'], undefined, 'application/json'],
    [
      'of the step with its parameters',
      ['application/json'],
      'application/json; charset=utf-8',
      'application/json; charset=utf-8',
    ],
    ['JSON if nothing declares one', [], undefined, 'application/json'],
  ])('%s', (_, declared, own, expected) => {
    const content = Object.fromEntries(declared.map((type) => [type, {}]));
    expect(bodyOf({ a: 1 }, own, { content }).type).toEqual(literal(expected));
  });

  test('that a step sets as a header is that of its body', () => {
    const header = { name: 'Content-Type', in: 'header', value: 'application/x-www-form-urlencoded' };
    const steps = [{ stepId: 'a', operationId: 'write', parameters: [header], requestBody: { payload: { a: 1 } } }];
    expect(requestOf({ ...send(undefined), steps }).bodyType).toBe('form');
  });
});

describe('JSON', () => {
  test('strings that are one expression keep the type of its value, others become text, and keys stay', () => {
    const payload = { $name: '$inputs.items', list: ['{$inputs.name}!', 5], plain: '$5' };
    expect(bodyOf(payload)).toMatchObject({
      bodyType: 'json',
      body: {
        kind: 'map',
        sparse: true,
        entries: [
          ['$name', input('items')],
          [
            'list',
            {
              kind: 'list',
              items: [{ kind: 'text', parts: [{ path: ['inputs', 'name'] }, '!'], strict: true }, literal(5)],
            },
          ],
          ['plain', literal('$5')],
        ],
      },
    });
  });

  test('a text is a template whose values cannot break out', () => {
    expect(bodyOf('{ "name": "{$inputs.name}", "all": {$inputs.items} }')).toMatchObject({
      bodyType: 'json',
      body: {
        kind: 'map',
        entries: [
          ['name', input('name')],
          ['all', input('items')],
        ],
      },
    });
  });

  test('a text that can never be JSON fails its step, with a warning', () => {
    const example = send({ payload: '{ "a": "{$inputs.name}" "b": 1 }' });
    expect(codesOf(example)).toEqual(['warning invalid_json_payload']);
    expect(requestOf(example).body).toMatchObject({ kind: 'text', strict: true });
  });

  test.each<[Json]>([[5], [false], [null], ['abc'], ['"abc"']])('%j is sent', (payload) => {
    expect(bodyOf(payload)).toMatchObject({ bodyType: 'json', body: literal(payload === '"abc"' ? 'abc' : payload) });
  });

  test('text that only looks like an expression is sent unchanged', () => {
    expect(bodyOf('$notAnExpression').body).toEqual(literal('$notAnExpression'));
  });
});

describe('other media types', () => {
  test('values in XML are escaped, unless the document says that they are XML', () => {
    const payload = '<a>{$inputs.name}</a>';
    const text = { kind: 'text', parts: ['<a>', { path: ['inputs', 'name'] }, '</a>'], strict: true };
    expect(bodyOf(payload, 'application/xml')).toMatchObject({ bodyType: 'text', body: { ...text, escape: 'xml' } });
    expect(requestOf(send({ payload, contentType: 'text/xml', 'x-raw': true })).body).toEqual(text);
    expect(bodyOf('$inputs.xml', 'application/soap+xml').body).toEqual(input('xml'));
  });

  const form = 'application/x-www-form-urlencoded';

  test('a form is built from an object, or from text in which each value is encoded', () => {
    expect(bodyOf({ a: ['$inputs.name', 2] }, form)).toMatchObject({ bodyType: 'form', body: { kind: 'map' } });
    expect(bodyOf('a={$inputs.name}&b=2\n', form)).toMatchObject({
      bodyType: 'text',
      body: { kind: 'text', parts: ['a=', { path: ['inputs', 'name'] }, '&b=2'], escape: 'form' },
    });
    expect(bodyOf('$inputs.name', form)).toMatchObject({ bodyType: 'form', body: input('name') });
  });

  test('the encoding of the operation decides how fields of a form are written', () => {
    const encoding = {
      a: { style: 'pipeDelimited', explode: false, allowReserved: true },
      b: { contentType: 'application/json' },
    };
    const request = requestOf(send({ payload: { a: [1] } }, { content: { [form]: { encoding } } }));
    expect(request.fields).toEqual(encoding);
  });

  test('multipart is built from fields', () => {
    expect(bodyOf({ file: '$inputs.name' }, 'multipart/form-data')).toMatchObject({ bodyType: 'multipart' });
    expect(bodyOf('$inputs.name', 'multipart/form-data')).toMatchObject({ bodyType: 'multipart', body: input('name') });
    expect(codesOf(send({ payload: 'text', contentType: 'multipart/form-data' }))).toEqual(['error wrong_payload']);
  });

  test.each([
    ['text/plain', 'text'],
    ['application/yaml', 'text'],
    ['application/octet-stream', 'base64'],
    ['image/png', 'base64'],
  ])('%s is sent as %s', (type, bodyType) => {
    expect(bodyOf('{$inputs.name}', type)).toMatchObject({ bodyType, body: { kind: 'text', strict: true } });
  });

  test.each([
    ['application/vnd.github.raw', 'hello there {$inputs.name}'],
    ['application/vnd.api.text', 'hello'],
    ['application/octet-stream', 'hello there {$inputs.name}'],
  ])('text is sent unchanged, also as %s', (type, payload) => {
    expect(codesOf(send({ payload, contentType: type }))).toEqual([]);
    expect(bodyOf(payload, type).bodyType).toBe('text');
  });

  test('a text of the document that is not base64 is refused where bytes are sent', () => {
    expect(codesOf(send({ payload: 'hello there', contentType: 'image/png' }))).toEqual(['error wrong_payload']);
    expect(codesOf(send({ payload: 'hell', contentType: 'image/png' }))).toEqual([]);
    expect(codesOf(send({ payload: 'aGVsbG8=\naGVsbG8', contentType: 'application/pdf' }))).toEqual([
      'error wrong_payload',
    ]);
    expect(bodyOf('aGVs\nbG8=', 'application/pdf').bodyType).toBe('base64');
    const sheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    expect(bodyOf('$inputs.name', sheet)).toMatchObject({ bodyType: 'base64', body: input('name') });
  });

  test('a value inside XML CDATA is unchanged', () => {
    expect(bodyOf('<a><![CDATA[{$inputs.name}]]></a>', 'text/xml').body).toMatchObject({
      parts: ['<a><![CDATA[', { path: ['inputs', 'name'], inside: 'cdata' }, ']]></a>'],
    });
  });

  test('bytes are given as text', () => {
    expect(codesOf(send({ payload: { a: 1 }, contentType: 'image/png' }))).toEqual(['error wrong_payload']);
  });
});

describe('replacements', () => {
  const replaced = (payload: Json, replacements: Json[], more: JsonObject = {}, example: Example = {}) =>
    send({ payload, replacements, ...more }, example);

  test('are applied in order to the payload with its expressions', () => {
    const replacements = [
      { target: '/a', value: '$inputs.items' },
      { target: '/b', value: 10 },
    ];
    expect(requestOf(replaced({ a: '$inputs.name' }, replacements)).body).toEqual({
      kind: 'replace',
      in: { kind: 'map', entries: [['a', input('name')]], sparse: true },
      replacements: [
        { at: { language: 'jsonpointer', text: '/a' }, value: input('items') },
        { at: { language: 'jsonpointer', text: '/b' }, value: literal(10) },
      ],
    });
  });

  test('name their places by JSON Pointer, JSONPath or, in XML, XPath', () => {
    const languageOf = (example: Example) => {
      const { body } = requestOf(example);
      return body?.kind === 'replace' ? body.replacements.map(({ at }) => at.language) : undefined;
    };
    const byPath = { target: '$.a', targetSelectorType: 'jsonpath', value: 1 };
    expect(languageOf(replaced({ a: 1 }, [{ target: '/a', value: 1 }, byPath]))).toEqual(['jsonpointer', 'jsonpath']);
    expect(languageOf(replaced('<a/>', [{ target: '/a', value: 1 }], { contentType: 'text/xml' }))).toEqual(['xpath']);
    expect(codesOf(replaced({ a: 1 }, [{ target: '$.a', value: 1 }]))).toEqual(['warning lenient_target']);
  });

  test('are refused if a body cannot have such places', () => {
    const wrong = (payload: Json, contentType: string, type?: string) =>
      codesOf(
        replaced(payload, [{ target: '/a', value: 1, ...(type === undefined ? {} : { targetSelectorType: type }) }], {
          contentType,
        }),
      );
    expect(wrong('text', 'text/plain')).toEqual(['error wrong_target']);
    expect(wrong({ a: 1 }, 'application/json', 'xpath')).toEqual(['error wrong_target']);
    expect(wrong('<a/>', 'text/xml', 'jsonpointer')).toEqual(['error wrong_target']);
  });

  test.each<[Json]>([
    [true],
    [{ a: '$inputs.name' }],
    [{ context: '$inputs.items', selector: '/0', type: 'jsonpointer' }],
  ])('take the value %j', (value) => {
    const example = replaced({ a: 1 }, [{ target: '/a', value }]);
    expect(problemsOf(example)).toEqual([]);
    const { body } = requestOf(example);
    expect(body?.kind === 'replace' ? body.replacements[0]?.value.kind : undefined).toBe(
      typeof value !== 'object' ? 'literal' : JSON.stringify(value).includes('selector') ? 'select' : 'map',
    );
  });

  test('cannot reach into what every object inherits', () => {
    expect(codesOf(replaced({ a: 1 }, [{ target: '/__proto__/x', value: 1 }]))).toEqual(['error invalid_expression']);
    expect(codesOf(replaced({ a: 1 }, [{ target: '/constructor/prototype', value: 1 }]))).toEqual([
      'error invalid_expression',
    ]);
  });

  test('add what is missing, unless strictReplacements refuses this', () => {
    const root = { 'x-settings': { strictReplacements: true } };
    expect(requestOf(replaced({}, [{ target: '/a', value: 1 }]))).not.toHaveProperty('body.strict');
    expect(requestOf(replaced({}, [{ target: '/a', value: 1 }], {}, { root })).body).toMatchObject({ strict: true });
  });
});

test('a body with a method that gives it no meaning is sent with a warning', () => {
  const example = send({ payload: { a: 1 } }, { method: 'delete' });
  expect(codesOf(example)).toEqual(['warning body_without_meaning']);
  expect(requestOf(example).bodyType).toBe('json');
});

test('a body that the operation does not declare is sent with a warning', () => {
  expect(codesOf(send({ payload: { a: 1 } }, { content: {} }))).toEqual(['warning undeclared_body']);
});

test('a required body cannot be omitted', () => {
  expect(problemsOf(send(undefined, { required: true }))).toEqual([
    'error missing_body /workflows/0/steps/0: The operation requires a body',
  ]);
  expect(problemsOf(send(undefined))).toEqual([]);
});

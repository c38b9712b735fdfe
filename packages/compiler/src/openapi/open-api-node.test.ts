import { describe, expect, test } from '@jest/globals';
import { api, get, refusal } from './read.example.ts';

describe('references', () => {
  const parameter = { name: 'q', in: 'query' };

  test('are followed step by step, through escapes and other references', () => {
    const components = {
      parameters: {
        one: { $ref: '#/components/parameters/two%20~1%7Bx%7D' },
        'two /{x}': { $ref: '#/paths/~1a~1{id}/x-list/1' },
      },
    };
    const found = get(
      { parameters: [{ $ref: '#/components/parameters/one' }] },
      {
        ofPath: { 'x-list': [0, { $ref: '#/x-more/deep' }] },
        components,
        'x-more': { $ref: '#/x-other' },
        'x-other': { deep: parameter },
      },
    );
    expect(found.parameters).toMatchObject([parameter]);
  });

  test('a broken one elsewhere does not matter', () => {
    const document = api({
      '/broken': { $ref: '#/nowhere' },
      '/a': { get: { operationId: 'good' }, post: { operationId: 'bad', requestBody: { $ref: '#/nowhere' } } },
    });
    expect(document.findById('good')).toBeDefined();
    expect(refusal(() => document.findById('bad'))).toBe(
      '"$ref" names nothing in the document: "#/nowhere" at /paths/~1a/post/requestBody',
    );
    expect(refusal(() => document.findByPointer('/paths/~1broken/get'))).toContain('"#/nowhere"');
  });

  // The author of a document must not be able to read files, reach the network or access the prototypes of objects.
  test.each([
    '#/../../etc/passwd',
    '#/%2e%2e/%2e%2e/etc/passwd',
    '#/__proto__',
    '#/constructor/prototype',
    '#/paths/__proto__/x',
    '#/x-list/00',
    '#/x-list/-1',
    '#/x-list/length',
    '#/x-list/1',
    '#/%zz',
    '#anchor',
    `#/${'a/'.repeat(2000)}`,
  ])('%s names nothing', (reference) => {
    const ask = () => get({ parameters: [{ $ref: reference }] }, { 'x-list': [parameter] });
    expect(refusal(ask)).toContain('names nothing in the document');
  });

  test.each(['file:///etc/passwd', 'other.yaml#/a', 'http://169.254.169.254/', '/etc/passwd', ''])(
    '%j leads out of the document',
    (reference) => {
      expect(refusal(() => get({ requestBody: { $ref: reference } }))).toContain('leads out of the document');
    },
  );

  test.each([
    ['itself', { a: { $ref: '#/x/a' } }],
    ['a cycle of two', { a: { $ref: '#/x/b' }, b: { $ref: '#/x/a' } }],
    ['itself on its path', { a: { $ref: '#/x/a/b' } }],
    [
      'seventeen others',
      Object.fromEntries(
        Array.from('abcdefghijklmnopq', (key, index) => [key, { $ref: `#/x/${'abcdefghijklmnopqr'[index + 1]}` }]),
      ),
    ],
  ])('one that leads to %s is refused', (_, x) => {
    expect(refusal(() => get({ parameters: [{ $ref: '#/x/a' }] }, { x }))).toContain('leads in circles or too far');
  });

  test('those deeper inside a schema stay', () => {
    const components = {
      schemas: { node: { type: 'object', properties: { next: { $ref: '#/components/schemas/node' } } } },
    };
    const schema = { $ref: '#/components/schemas/node' };
    expect(get({ parameters: [{ ...parameter, schema }] }, { components }).parameters[0]?.schema).toEqual(
      components.schemas.node,
    );
  });
});

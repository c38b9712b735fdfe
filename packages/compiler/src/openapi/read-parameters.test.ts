import { describe, expect, test } from '@jest/globals';
import { get, refusal } from './read.example.ts';

describe('parameters', () => {
  test('those of the operation replace those of the path, by name and place', () => {
    const ofPath = {
      parameters: [
        { name: 'id', in: 'path' },
        { name: 'q', in: 'query' },
        { name: 'X-A', in: 'header' },
      ],
    };
    const parameters = [
      { name: 'q', in: 'header' },
      { name: 'x-a', in: 'header', required: true },
      { name: 'q', in: 'query', explode: false },
    ];
    const merged = get({ parameters }, { ofPath }).parameters;
    expect(merged.map(({ name, in: node, isRequired, explode }) => [name, node, isRequired, explode])).toEqual([
      ['id', 'path', true, false],
      ['q', 'query', false, false],
      ['x-a', 'header', true, false],
      ['q', 'header', false, false],
    ]);
  });

  test.each([
    ['43', 'path', undefined, 'simple', false],
    ['43', 'path', 'matrix', 'matrix', false],
    ['43', 'path', 'label', 'label', false],
    ['44', 'query', undefined, 'form', true],
    ['44', 'query', 'spaceDelimited', 'spaceDelimited', false],
    ['44', 'query', 'pipeDelimited', 'pipeDelimited', false],
    ['44', 'query', 'deepObject', 'deepObject', false],
    ['44', 'query', 'simple', 'form', true],
    ['45', 'header', undefined, 'simple', false],
    ['45', 'header', 'form', 'simple', false],
    ['46', 'cookie', undefined, 'form', true],
    ['46', 'cookie', 'cookie', 'form', true],
  ])('%s: a %s parameter with style %s is written as %s, explode %s', (_, node, style, expected, explode) => {
    const [parameter] = get({
      parameters: [{ name: 'p', in: node, ...(style === undefined ? {} : { style }) }],
    }).parameters;
    expect(parameter).toMatchObject({ style: expected, explode });
  });

  test('explode and allowReserved are kept', () => {
    const written = { name: 'q', in: 'query', explode: false, allowReserved: true };
    expect(get({ parameters: [written] }).parameters).toMatchObject([{ explode: false, allowReserved: true }]);
  });

  test('Accept, Content-Type and Authorization are not parameters, in any case', () => {
    const names = ['accept', 'Content-Type', 'AUTHORIZATION', 'X-Other'];
    const found = get({ parameters: names.map((name) => ({ name, in: 'header' })) }).parameters;
    expect(found.map(({ name }) => name)).toEqual(['X-Other']);
    expect(get({ parameters: [{ name: 'accept', in: 'query' }] }).parameters).toHaveLength(1);
  });

  test('a whole query is one parameter, in its media type', () => {
    const content = { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } };
    const whole = { name: 'all', in: 'querystring', content };
    expect(get({ parameters: [whole] }).parameters).toMatchObject([
      { in: 'querystring', contentType: 'application/x-www-form-urlencoded', schema: { type: 'object' } },
    ]);
    expect(refusal(() => get({ parameters: [whole, { name: 'q', in: 'query' }] }))).toContain('whole query');
    expect(refusal(() => get({ parameters: [whole, { ...whole, name: 'b' }] }))).toContain('whole query');
  });

  test('a media type replaces a style', () => {
    const content = { 'application/json': { schema: { type: 'object' } } };
    const [parameter] = get({ parameters: [{ name: 'filter', in: 'query', content }] }).parameters;
    expect(parameter).toMatchObject({ contentType: 'application/json', schema: { type: 'object' } });
  });

  test('a description beside a reference overrides the one of its target', () => {
    const components = { parameters: { p: { name: 'p', in: 'query', description: 'far' } } };
    const parameters = [{ $ref: '#/components/parameters/p', description: 'near' }];
    expect(get({ parameters }, { components }).parameters[0]?.description).toBe('near');
  });

  test.each([
    [{ in: 'query' }, '"name" is missing or is not text at /paths/~1a~1{id}/get/parameters/0'],
    [{ name: 'p' }, '"in" is missing'],
    [{ name: 'p', in: 'body' }, 'Parameters cannot be in "body"'],
    [{ name: 'p', in: 'constructor' }, 'Parameters cannot be in "constructor"'],
    [5, '"in" is missing'],
  ])('%j is refused', (parameter, message) => {
    expect(refusal(() => get({ parameters: [parameter] }))).toContain(message);
  });
});

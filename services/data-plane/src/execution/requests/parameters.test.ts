import { describe, expect, test } from '@jest/globals';
import type { Json, PlanParameter } from '@toolplane/contracts';
import { API, build, parameterOf } from '../../../test/request.ts';

type Style = PlanParameter['style'];
type Case = [style: Style, explode: boolean, value: Json, written: string | undefined];

const list = ['blue', 'black', 'brown'];
const object = { R: 100, G: 200, B: 150 };
const refused = { code: 'invalid_upstream_request' };

function pathOf(value: Json | undefined, rest: Partial<PlanParameter> = {}): string {
  return build({ parameters: [parameterOf('path', 'color', value, rest)] }).url.pathname.slice('/x/'.length);
}

function queryOf(value: Json | undefined, rest: Partial<PlanParameter> = {}): string {
  return build({ parameters: [parameterOf('query', 'color', value, rest)] }).url.search.slice(1);
}

function headersOf(...parameters: PlanParameter[]): Record<string, string> {
  return build({ parameters }).headers;
}

describe('a path parameter is written as in RFC 6570', () => {
  test.each<Case>([
    ['simple', false, 'blue', 'blue'],
    ['simple', false, list, 'blue,black,brown'],
    ['simple', false, object, 'R,100,G,200,B,150'],
    ['simple', true, 'blue', 'blue'],
    ['simple', true, list, 'blue,black,brown'],
    ['simple', true, object, 'R=100,G=200,B=150'],
    ['label', false, 'blue', '.blue'],
    ['label', false, list, '.blue,black,brown'],
    ['label', false, object, '.R,100,G,200,B,150'],
    ['label', true, 'blue', '.blue'],
    ['label', true, list, '.blue.black.brown'],
    ['label', true, object, '.R=100.G=200.B=150'],
    ['matrix', false, 'blue', ';color=blue'],
    ['matrix', false, '', ';color'],
    ['matrix', false, list, ';color=blue,black,brown'],
    ['matrix', false, object, ';color=R,100,G,200,B,150'],
    ['matrix', true, 'blue', ';color=blue'],
    ['matrix', true, list, ';color=blue;color=black;color=brown'],
    ['matrix', true, object, ';R=100;G=200;B=150'],
    ['matrix', true, { R: '', G: 1 }, ';R;G=1'],
    ['simple', false, 7, '7'],
    ['simple', false, true, 'true'],
    ['simple', false, ['', 'a'], ',a'],
    ['simple', true, { R: '' }, 'R='],
    ['simple', false, [1, null, 2], '1,2'],
    ['simple', true, { R: 1, G: null }, 'R=1'],
  ])('%s, explode %s: %j', (style, explode, value, written) => {
    expect(pathOf(value, { style, explode })).toBe(written);
  });

  test('several are each written in their place, and one may be used twice', () => {
    const parameters = [parameterOf('path', 'a', 1), parameterOf('path', 'b', [2, 3], { style: 'label' })];
    const url = {
      kind: 'operation' as const,
      parts: [`${API}/`, { parameter: 'b' }, '/x', { parameter: 'a' }, '/', { parameter: 'a' }],
    };
    expect(build({ parameters, url }).url.href).toBe(`${API}/.2,3/x1/1`);
  });
});

describe('a query parameter is written as in RFC 6570 and OpenAPI (B069)', () => {
  test.each<Case>([
    ['form', true, 'blue', 'color=blue'],
    ['form', true, '', 'color='],
    ['form', true, list, 'color=blue&color=black&color=brown'],
    ['form', true, object, 'R=100&G=200&B=150'],
    ['form', false, 'blue', 'color=blue'],
    ['form', false, list, 'color=blue,black,brown'],
    ['form', false, object, 'color=R,100,G,200,B,150'],
    ['spaceDelimited', false, list, 'color=blue%20black%20brown'],
    ['spaceDelimited', false, object, 'color=R%20100%20G%20200%20B%20150'],
    ['spaceDelimited', true, list, 'color=blue&color=black&color=brown'],
    ['spaceDelimited', true, object, 'R=100&G=200&B=150'],
    ['spaceDelimited', false, 'blue', 'color=blue'],
    ['pipeDelimited', false, list, 'color=blue%7Cblack%7Cbrown'],
    ['pipeDelimited', false, object, 'color=R%7C100%7CG%7C200%7CB%7C150'],
    ['pipeDelimited', true, list, 'color=blue&color=black&color=brown'],
    ['pipeDelimited', true, object, 'R=100&G=200&B=150'],
    ['deepObject', true, object, 'color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
    [
      'deepObject',
      true,
      { a: { b: 1, c: [2, 3] } },
      'color%5Ba%5D%5Bb%5D=1&color%5Ba%5D%5Bc%5D=2&color%5Ba%5D%5Bc%5D=3',
    ],
    [
      'deepObject',
      true,
      [{ b: 1, c: ['x', 'y'] }, null, { d: { e: 2 } }],
      'color%5B0%5D%5Bb%5D=1&color%5B0%5D%5Bc%5D%5B0%5D=x&color%5B0%5D%5Bc%5D%5B1%5D=y&color%5B1%5D%5Bd%5D%5Be%5D=2',
    ],
    ['deepObject', true, { a: [{ b: 1 }, [3]] }, 'color%5Ba%5D%5B0%5D%5Bb%5D=1&color%5Ba%5D%5B1%5D%5B0%5D=3'],
    ['deepObject', true, 'blue', 'color=blue'],
    ['form', true, 0, 'color=0'],
    ['form', true, false, 'color=false'],
    ['form', true, [1, null, 2], 'color=1&color=2'],
    ['form', true, { R: 1, G: null }, 'R=1'],
    ['form', true, '10 % of a&b=c#d', 'color=10%20%25%20of%20a%26b%3Dc%23d'],
    ['form', false, ['a,b', 'c'], 'color=a%2Cb,c'],
    ['form', true, "Hello World! it's (*)", 'color=Hello%20World%21%20it%27s%20%28%2A%29'],
    ['form', true, 'é😀', 'color=%C3%A9%F0%9F%98%80'],
  ])('%s, explode %s: %j', (style, explode, value, written) => {
    expect(queryOf(value, { style, explode })).toBe(written);
  });

  test.each<Case>([
    ['form', true, [], undefined],
    ['form', false, [], undefined],
    ['form', true, {}, undefined],
    ['form', false, { a: null }, undefined],
    ['form', false, [null], undefined],
    ['pipeDelimited', false, [], undefined],
    ['deepObject', true, {}, undefined],
    ['deepObject', true, [{}], undefined],
    ['deepObject', true, [], undefined],
  ])('an empty value is not written: %s, explode %s: %j', (style, explode, value) => {
    expect(queryOf(value, { style, explode })).toBe('');
  });

  test('parameters keep their order and what the URL already has', () => {
    const parameters = [parameterOf('query', 'b', 1), parameterOf('query', 'a', [2, 3])];
    const url = { kind: 'operation' as const, parts: [`${API}/x?v=1`] };
    expect(build({ parameters, url, query: [['c', { kind: 'literal', value: 4 }]] }).url.search).toBe(
      '?v=1&c=4&b=1&a=2&a=3',
    );
  });

  test('allowReserved keeps characters that cannot end the value, and existing encodings', () => {
    const value = "a/b?c:d@e!$'()*,;=[x]%2F 100% &more=1#end+";
    expect(queryOf(value, { allowReserved: true })).toBe(
      'color=a/b?c:d@e!$%27()*,;=[x]%2F%20100%25%20%26more=1%23end%2B',
    );
  });

  test('a name is also encoded', () => {
    const parameters = [parameterOf('query', 'page[size]&a=b', 1), parameterOf('query', 'x', { 'k&y': 2 })];
    expect(build({ parameters }).url.search).toBe('?page%5Bsize%5D%26a%3Db=1&k%26y=2');
  });
});

describe('a header parameter', () => {
  test.each<Case>([
    ['simple', false, 'blue', 'blue'],
    ['simple', false, list, 'blue,black,brown'],
    ['simple', true, list, 'blue,black,brown'],
    ['simple', false, object, 'R,100,G,200,B,150'],
    ['simple', true, object, 'R=100,G=200,B=150'],
    ['simple', false, 7, '7'],
    ['simple', false, '', ''],
    ['simple', false, 'a b/c=d; e, "f"', 'a b/c=d; e, "f"'],
    ['simple', false, [], undefined],
  ])('%s, explode %s: %j', (style, explode, value, written) => {
    expect(headersOf(parameterOf('header', 'X-Color', value, { style, explode }))['x-color']).toBe(written);
  });

  test.each(['Accept', 'Content-Type', 'Authorization'])('that a step sets may be %s', (name) => {
    expect(headersOf(parameterOf('header', name, list))).toEqual({ [name.toLowerCase()]: 'blue,black,brown' });
  });

  test('replaces a header of the same name', () => {
    const parameters = [parameterOf('header', 'X-A', 'of the parameter')];
    const built = build({ parameters, headers: [['x-a', { kind: 'literal', value: 'of the request' }]] });
    expect(built.headers).toEqual({ 'x-a': 'of the parameter' });
  });
});

describe('cookie parameters', () => {
  test('form one header, with encoded values', () => {
    const cookies = [
      parameterOf('cookie', 'a', 'x; admin=1, "\\'),
      parameterOf('cookie', 'b', [1, 2]),
      parameterOf('cookie', 'c', [1, 2], { explode: false }),
      parameterOf('cookie', 'd', { R: 1, G: 2 }),
      parameterOf('cookie', 'left out', undefined),
      parameterOf('cookie', 'e;f', 3),
    ];
    expect(headersOf(...cookies)).toEqual({
      cookie: 'a=x%3B%20admin%3D1%2C%20%22%5C; b=1; b=2; c=1,2; R=1; G=2; e%3Bf=3',
    });
  });

  test('that are credentials are encoded as cookies require', () => {
    const cookie = parameterOf('cookie', 'session', 'ab+/=%20{x}; y', { isCredential: true });
    expect(headersOf(cookie)).toEqual({ cookie: 'session=ab+/=%20{x}%3B%20y' });
  });

  test('cannot be set as a header, in which a value could add another', () => {
    expect(() => headersOf(parameterOf('header', 'Cookie', 'a=1'))).toThrow(expect.objectContaining(refused));
    const headers: [string, { kind: 'literal'; value: string }][] = [['Cookie', { kind: 'literal', value: 'a=1' }]];
    expect(() => build({ headers })).toThrow(expect.objectContaining(refused));
  });
});

describe('a querystring parameter is the whole query', () => {
  test.each<[Json, string | undefined, string]>([
    ['a=1&b=x y#z', undefined, 'a=1&b=x%20y%23z'],
    ['a=%26', 'application/x-www-form-urlencoded', 'a=%26'],
    [{ a: 'b c', d: [1, 2], e: null, f: '&' }, 'application/x-www-form-urlencoded', 'a=b+c&d=1&d=2&f=%26'],
    [{ a: '&b=1' }, undefined, 'a=%26b%3D1'],
    [{ a: [1] }, 'application/json', '%7B%22a%22%3A%5B1%5D%7D'],
    ['x', 'application/json', '%22x%22'],
    [7, undefined, '7'],
  ])('%j as %s', (value, contentType, written) => {
    const rest = contentType === undefined ? {} : { contentType };
    expect(build({ parameters: [parameterOf('querystring', 'q', value, rest)] }).url.search).toBe(`?${written}`);
  });
});

describe('a parameter with a media type is a single text', () => {
  const contentType = 'application/json';
  test.each<[Json, string]>([
    [{ a: [1, 'b'] }, 'color=%7B%22a%22%3A%5B1%2C%22b%22%5D%7D'],
    [[], 'color=%5B%5D'],
    ['blue', 'color=%22blue%22'],
    [5, 'color=5'],
  ])('%j as JSON', (value, written) => {
    expect(queryOf(value, { contentType })).toBe(written);
  });

  test('in every location', () => {
    const value = { a: 1 };
    expect(pathOf(value, { contentType })).toBe('%7B%22a%22%3A1%7D');
    expect(headersOf(parameterOf('header', 'X', value, { contentType }))).toEqual({ x: '{"a":1}' });
    expect(headersOf(parameterOf('cookie', 'c', value, { contentType }))).toEqual({ cookie: 'c=%7B%22a%22%3A1%7D' });
    expect(queryOf('blue', { contentType: 'text/plain' })).toBe('color=blue');
  });
});

describe('a missing value or null', () => {
  const places = ['path', 'query', 'header', 'cookie', 'querystring'] as const;
  test.each(places.flatMap((place) => [[place, null] as const, [place, undefined] as const]))(
    'fails a required %s parameter before anything is sent, naming it: %j',
    (place, value) => {
      const parameters = [parameterOf(place, 'color', value, { required: true })];
      const message = `The ${place} parameter color is required and has no value`;
      expect(() => build({ parameters })).toThrow(expect.objectContaining({ ...refused, message }));
    },
  );

  test.each([null, undefined])('leaves an optional parameter out: %j', (value) => {
    const parameters = places.slice(1).map((place) => parameterOf(place, 'color', value));
    expect(build({ parameters })).toMatchObject({ url: new URL(`${API}/x`), headers: {} });
  });

  test.each([null, undefined, [], {}])('fails a path that needs it: %j', (value) => {
    const message = 'The path parameter color is missing or empty';
    expect(() => pathOf(value)).toThrow(expect.objectContaining({ ...refused, message }));
  });
});

describe('a path value stays one segment (T12, B067)', () => {
  test.each<[Json, string]>([
    ['a/b', 'a%2Fb'],
    ['../admin', '..%2Fadmin'],
    ['%2e%2e', '%252e%252e'],
    ['a?b#c', 'a%3Fb%23c'],
    [';x=y', '%3Bx%3Dy'],
    ['\\x', '%5Cx'],
    ['...', '...'],
    [['.', '.'], '.,.'],
  ])('%j', (value, written) => {
    expect(pathOf(value)).toBe(written);
  });

  test.each<[Json, Partial<PlanParameter>]>([
    ['.', {}],
    ['..', {}],
    ['', {}],
    ['', { style: 'label' }],
    ['.', { style: 'label' }],
    [['', ''], { style: 'label', explode: true }],
    ['%2e%2e', { allowReserved: true }],
    ['a\nb', {}],
    ['a\u0000', {}],
    ['\ud800', {}],
  ])('%j is refused: %j', (value, rest) => {
    expect(() => pathOf(value, rest)).toThrow(expect.objectContaining(refused));
  });

  test.each([[['.', '']], [['', '.']]])('is also refused beside another value: %j (B068)', ([a = '', b = '']) => {
    const parameters = [parameterOf('path', 'a', a), parameterOf('path', 'b', b)];
    const url = { kind: 'operation' as const, parts: [`${API}/`, { parameter: 'a' }, { parameter: 'b' }] };
    expect(() => build({ parameters, url })).toThrow(expect.objectContaining(refused));
  });

  test('keeps with allowReserved what a segment may contain', () => {
    const allowReserved = true;
    expect(pathOf("a:b@c!$&'()*+,;=/?#[]%2F%", { allowReserved })).toBe("a:b@c!$&'()*+,;=%2F%3F%23%5B%5D%2F%25");
  });
});

describe('a value nested too deeply for its style is written as JSON', () => {
  test.each<Case>([
    ['form', true, [{ a: 1 }, [2]], 'color=%7B%22a%22%3A1%7D&color=%5B2%5D'],
    ['form', true, { a: { b: 1 } }, 'a=%7B%22b%22%3A1%7D'],
    ['pipeDelimited', false, [['x']], 'color=%5B%22x%22%5D'],
    ['deepObject', true, list, 'color=%5B%22blue%22%2C%22black%22%2C%22brown%22%5D'],
  ])('%s, explode %s: %j', (style, explode, value, written) => {
    expect(queryOf(value, { style, explode })).toBe(written);
  });
});

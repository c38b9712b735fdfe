import { describe, expect, test } from '@jest/globals';
import type { Json, PlanRequest } from '@toolplane/contracts';
import { build, buildBody } from '../../../test/request.ts';
import type { BuiltRequest } from './build-request.ts';

const refused = { code: 'invalid_upstream_request' };
const typed = (contentType: string): Pick<PlanRequest, 'headers'> => ({
  headers: [['Content-Type', { kind: 'literal', value: contentType }]],
});

/** Parses the form with Node's parser, not with ours. */
function formOf({ body, headers }: BuiltRequest): Promise<FormData> {
  return new Response(new Uint8Array(body as Buffer), { headers }).formData();
}

async function fileOf(form: FormData, name: string): Promise<[name: string, type: string, bytes: number[]]> {
  const file = form.get(name) as File;
  return [file.name, file.type, [...new Uint8Array(await file.arrayBuffer())]];
}

describe('any JSON is a JSON body, including scalars', () => {
  test.each<[Json, string]>([
    ['abc', '"abc"'],
    ['', '""'],
    ['say "hi"\n', '"say \\"hi\\"\\n"'],
    [5, '5'],
    [0, '0'],
    [false, 'false'],
    [null, 'null'],
    [[], '[]'],
    [{ a: [1, null] }, '{"a":[1,null]}'],
  ])('%j', (value, body) => {
    const built = buildBody(value, { bodyType: 'json' });
    expect(built).toMatchObject({ body, headers: { 'content-type': 'application/json' } });
    expect(built.parts.body).toEqual(value);
  });

  test('a body without a value is not sent', () => {
    const nothing = { kind: 'reference' as const, path: ['inputs', 'nothing'] };
    for (const bodyType of ['json', 'form', 'multipart', 'text', 'base64'] as const) {
      expect(build({ method: 'POST', body: nothing, bodyType })).toMatchObject({ body: undefined, headers: {} });
      const built = build({ method: 'POST', body: nothing, bodyType, ...typed('application/json') });
      expect([built.body, built.headers, built.parts.headers]).toEqual([undefined, {}, {}]);
    }
    expect(build({ method: 'POST', body: nothing, ...typed('a/b') }).headers).toEqual({ 'content-type': 'a/b' });
  });

  test('a header says which type of JSON it is', () => {
    const built = buildBody({}, { bodyType: 'json', ...typed('application/merge-patch+json') });
    expect(built.headers).toEqual({ 'content-type': 'application/merge-patch+json' });
  });
});

describe('a form', () => {
  test.each<[string, Json, string]>([
    ['of scalars', { a: 'x y', b: 1, c: false, d: '' }, 'a=x+y&b=1&c=false&d='],
    ['in which a list repeats its field', { a: [1, 'b', null] }, 'a=1&a=b'],
    ['in which an object is JSON', { a: { b: 1 }, c: [{ d: 2 }] }, 'a=%7B%22b%22%3A1%7D&c=%7B%22d%22%3A2%7D'],
    ['without null and empty lists', { a: null, b: [], c: 1 }, 'c=1'],
    ['of values that would add a field', { 'a&b': 'x&admin=1', c: '=;+%' }, 'a%26b=x%26admin%3D1&c=%3D%3B%2B%25'],
    ['that is already text', 'a=1&b=x+y', 'a=1&b=x+y'],
  ])('%s', (_name, value, body) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(buildBody(value, { bodyType: 'form' })).toMatchObject({ body, headers });
  });

  test('is written field by field as its encodings say', () => {
    const fields: PlanRequest['fields'] = {
      joined: { explode: false },
      piped: { style: 'pipeDelimited' },
      deep: { style: 'deepObject', explode: true },
      json: { contentType: 'application/json' },
      reserved: { allowReserved: true },
      styled: { style: 'form', contentType: 'application/json' },
    };
    const value = {
      joined: [1, 2],
      piped: [1, 2],
      deep: { a: 1 },
      json: [1, 'b'],
      reserved: '/?&',
      styled: { k: 1 },
      plain: [1, 2],
    };
    expect(buildBody(value, { bodyType: 'form', fields }).body).toBe(
      'joined=1,2&piped=1%7C2&deep%5Ba%5D=1&json=%5B1%2C%22b%22%5D&reserved=/?%26&k=1&plain=1&plain=2',
    );
  });

  test.each<Json>([[1], 5, true])('is refused when it has no fields: %j', (value) => {
    expect(() => buildBody(value, { bodyType: 'form' })).toThrow(expect.objectContaining(refused));
  });
});

describe('a multipart body', () => {
  const bytes = [0, 255, 13, 10, 45, 45];
  const data = Buffer.from(bytes).toString('base64');

  test('has a part for each field, and for each item of a list', async () => {
    const value = { a: 'x\r\ny', b: 1, c: ['d', 'e', null], f: null, g: { h: [1] }, é: '😀' };
    const form = await formOf(buildBody(value, { bodyType: 'multipart' }));
    expect([...form.entries()]).toEqual([
      ['a', 'x\r\ny'],
      ['b', '1'],
      ['c', 'd'],
      ['c', 'e'],
      ['g', '{"h":[1]}'],
      ['é', '😀'],
    ]);
  });

  test('has files decoded from base64, with their names and types', async () => {
    const value = {
      photo: { data, filename: 'a.png', contentType: 'image/png' },
      other: { data, filename: 'b "1"\r\n.bin' },
      many: [{ data: '', filename: 'c' }, 'text'],
    };
    const form = await formOf(
      buildBody(value, { bodyType: 'multipart', fields: { other: { contentType: '*/*, image/gif' } } }),
    );
    expect(await fileOf(form, 'photo')).toEqual(['a.png', 'image/png', bytes]);
    expect(await fileOf(form, 'other')).toEqual(['b "1"\r\n.bin', 'image/gif', bytes]);
    expect(await fileOf(form, 'many')).toEqual(['c', 'application/octet-stream', []]);
    expect(form.getAll('many')[1]).toBe('text');
  });

  test('declares the type of each part', () => {
    const fields = { json: { contentType: 'application/json' }, csv: { contentType: 'text/csv' } };
    const value = { plain: 'x', object: { a: 1 }, json: [1, 2], csv: 'a,b' };
    const built = buildBody(value, { bodyType: 'multipart', fields });
    const boundary = built.headers['content-type']?.split('boundary=')[1];
    expect(String(built.body).replaceAll(String(boundary), 'B').split('\r\n')).toEqual([
      '--B',
      'Content-Disposition: form-data; name="plain"',
      '',
      'x',
      '--B',
      'Content-Disposition: form-data; name="object"',
      'Content-Type: application/json',
      '',
      '{"a":1}',
      '--B',
      'Content-Disposition: form-data; name="json"',
      'Content-Type: application/json',
      '',
      '[1,2]',
      '--B',
      'Content-Disposition: form-data; name="csv"',
      'Content-Type: text/csv',
      '',
      'a,b',
      '--B--',
      '',
    ]);
  });

  test('sets its boundary, a different one each time', () => {
    const boundaries = [{}, typed('multipart/form-data'), typed('multipart/form-data; boundary=x; charset=utf-8')].map(
      (rest) => buildBody({ a: 1 }, { bodyType: 'multipart', ...rest }).headers['content-type'] ?? '',
    );
    expect(boundaries[0]).toMatch(/^multipart\/form-data; boundary=toolplane-[0-9a-f-]{36}$/);
    expect(boundaries[1]).toMatch(/^multipart\/form-data; boundary=toolplane-[0-9a-f-]{36}$/);
    expect(boundaries[2]).toMatch(/^multipart\/form-data; charset=utf-8; boundary=toolplane-[0-9a-f-]{36}$/);
    expect(new Set(boundaries.map((it) => it.split('boundary=')[1])).size).toBe(3);
    expect(buildBody({ a: 1 }, { bodyType: 'multipart', ...typed('multipart/mixed') }).headers['content-type']).toMatch(
      /^multipart\/mixed; boundary=/,
    );
  });

  test.each(['x"; filename="evil.html', 'x"\r\nContent-Type: text/html', 'x\r\n\r\n--', 'x\n'])(
    'has no name that can end its header: %j',
    async (name) => {
      const value = { [name]: 'text', file: { data, filename: name } };
      const form = await formOf(buildBody(value, { bodyType: 'multipart' }));
      expect([...form.keys()]).toEqual([name, 'file']);
      expect((await fileOf(form, 'file'))[0]).toBe(name);
    },
  );

  test.each<[string, Json]>([
    ['text', 'a=1'],
    ['a list', [1]],
    ['a file that is not base64', { a: { data: 'not base64!', filename: 'x' } }],
    ['a content type that ends its header', { a: { data, filename: 'x', contentType: 'text/plain\r\nX: y' } }],
    ['an invalid content type', { a: { data, filename: 'x', contentType: 'plain' } }],
  ])('is refused when it is %s', (_name, value) => {
    expect(() => buildBody(value, { bodyType: 'multipart' })).toThrow(expect.objectContaining(refused));
  });

  test('has JSON for an object with other members than a file has', async () => {
    const value = { a: { data, filename: 'x', size: 1 }, b: { data }, c: { filename: 'x', data: 1 } };
    const form = await formOf(buildBody(value, { bodyType: 'multipart' }));
    expect([...form.values()]).toEqual(Object.values(value).map((it) => JSON.stringify(it)));
  });
});

describe('a body of text or bytes', () => {
  test.each<[Json, string]>([
    ['héllo', 'héllo'],
    [5, '5'],
    [{ a: 1 }, '{"a":1}'],
  ])('text: %j', (value, body) => {
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    expect(buildBody(value, { bodyType: 'text' })).toMatchObject({ body, headers });
  });

  test('text has the type that a header says', () => {
    const built = buildBody('<a/>', { bodyType: 'text', ...typed('application/xml') });
    expect(built).toMatchObject({ body: '<a/>', headers: { 'content-type': 'application/xml' } });
  });

  test('an object cannot be XML, and nothing says how it would be written', () => {
    expect(() => buildBody({ a: 1 }, { bodyType: 'text', ...typed('application/xml') })).toThrow('not XML text');
  });

  test.each(['AP/+', 'AP_-', 'AP/\n+', '_w==', '_w'])('bytes from base64: %s', (value) => {
    const built = buildBody(value, { bodyType: 'base64' });
    expect(built.headers).toEqual({ 'content-type': 'application/octet-stream' });
    expect(built.body).toEqual(Buffer.from(value, 'base64url'));
  });

  test.each<Json>(['héllo', 'abc=d', 'abcde', '====', 'a b!', 5, {}])('what is not base64 is refused: %j', (value) => {
    expect(() => buildBody(value, { bodyType: 'base64' })).toThrow(expect.objectContaining(refused));
  });

  test('a long text is refused as quickly as it is read', () => {
    const startMs = performance.now();
    for (const value of [' '.repeat(1e6), '='.repeat(1e6), 'A'.repeat(1e6)]) {
      expect(() => buildBody(`${value}!`, { bodyType: 'base64' })).toThrow(expect.objectContaining(refused));
    }
    expect(performance.now() - startMs).toBeLessThan(1000);
  });
});

describe('a body without a declared type is written according to its value', () => {
  const form = typed('application/x-www-form-urlencoded; charset=utf-8');
  test.each<[string, Json, Partial<PlanRequest>, string, string | undefined]>([
    ['text as it is', 'abc', {}, 'abc', undefined],
    ['an object as JSON', { a: 1 }, {}, '{"a":1}', 'application/json'],
    ['a number as JSON', 5, {}, '5', 'application/json'],
    [
      'a form with empty fields',
      { a: null, b: [1, null] },
      form,
      'a=&b=1&b=',
      'application/x-www-form-urlencoded; charset=utf-8',
    ],
  ])('%s', (_name, value, rest, body, contentType) => {
    const built = buildBody(value, rest);
    expect([built.body, built.headers['content-type']]).toEqual([body, contentType]);
  });
});

describe('a body that repeats a value many times stops early', () => {
  const large = 'x'.repeat(5_000_000);
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`name${index}`, large]));
  const message = 'The body of the request is too large';

  test.each<[NonNullable<PlanRequest['bodyType']>, Json]>([
    ['json', many],
    ['form', many],
    ['multipart', many],
    ['multipart', { files: Array.from({ length: 50 }, () => ({ data: large, filename: 'x' })) }],
    ['text', many],
  ])('%s', (bodyType, value) => {
    const startMs = performance.now();
    expect(() => buildBody(value, { bodyType })).toThrow(expect.objectContaining({ ...refused, message }));
    expect(performance.now() - startMs).toBeLessThan(1000);
  });
});

import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import fc from 'fast-check';
import { exampleBudget } from './budget.example.ts';
import { compileUrl } from './compile-url.ts';
import { ExpressionError, ExpressionSyntaxError } from './expression-error.ts';
import { parseUrlTemplate } from './parse-url-template.ts';
import { exampleScope } from './scope.example.ts';

const base = 'https://api.example.test';

function build(text: string, v?: Json, w?: Json): string {
  return compileUrl(parseUrlTemplate(text).url)(exampleScope({ v: v ?? null, w: w ?? null }), exampleBudget());
}

describe('builds', () => {
  const cases: [string, Json, string][] = [
    [`${base}/a`, null, `${base}/a`],
    [`${base}/a/$inputs.v`, 7, `${base}/a/7`],
    [`${base}/a/{$inputs.v}.json`, 'x', `${base}/a/x.json`],
    [`${base}/a?q=$inputs.v&r=1`, 'a&admin=1#b', `${base}/a?q=a%26admin%3D1%23b&r=1`],
    [`${base}?q=$inputs.v`, null, `${base}?q=`],
    [`${base}/a/$inputs.v`, 'a/b', `${base}/a/a%2Fb`],
    [`${base}/a/$inputs.v`, '../admin', `${base}/a/..%2Fadmin`],
    [`${base}/a/$inputs.v`, '%2e%2e', `${base}/a/%252e%252e`],
    [`${base}/a/$inputs.v`, 'a?b#c', `${base}/a/a%3Fb%23c`],
    [`${base}/a/$inputs.v`, ';x', `${base}/a/%3Bx`],
    [`${base}/a/$inputs.v`, '\\x', `${base}/a/%5Cx`],
    [`${base}/a/$inputs.v`, '$secrets.API_KEY', `${base}/a/%24secrets.API_KEY`],
    [`${base}/a/$inputs.v`, 'é😀', `${base}/a/%C3%A9%F0%9F%98%80`],
    [`${base}/a/...$inputs.v`, '.', `${base}/a/....`],
    ['https://{$inputs.v}.example.test/', 'eu-1', 'https://eu-1.example.test/'],
    ['$inputs.v', 'https://elsewhere.test/x', 'https://elsewhere.test/x'],
  ];
  test.each(cases)('%s with %j', (text, value, expected) => {
    expect(build(text, value)).toBe(expected);
  });
});

describe('refuses the value (T12, B067, B068)', () => {
  const cases: [string, Json, Json?][] = [
    [`${base}/a/$inputs.v`, '..'],
    [`${base}/a/$inputs.v`, '.'],
    [`${base}/a/$inputs.v/b`, '..'],
    [`${base}/a/$inputs.v`, ''],
    [`${base}/a/$inputs.v`, null],
    [`${base}/a/x$inputs.v`, ''],
    [`${base}/a/$inputs.v`, 'a\nb'],
    [`${base}/a/$inputs.v`, 'a\u0000'],
    [`${base}/a/$inputs.v`, '\ud800'],
    [`${base}/a?q=$inputs.v`, '\ud800'],
    [`${base}/a/.$inputs.v`, '.'],
    [`${base}/a/$inputs.v{$inputs.w}`, '.', '.'],
    [`${base}/a/%2$inputs.v`, 'e'],
    [`${base}/a/.%2{$inputs.v}/x`, 'E'],
    ['https://$inputs.v/', 'evil.test/x'],
    ['https://$inputs.v/', 'user@evil.test'],
    ['https://{$inputs.v}.example.test/', 'evil.test#'],
    ['https://$inputs.v/', ''],
    ['$inputs.v', null],
    ['$inputs.v', 5],
  ];
  test.each(cases)('%s with %j', (text, value, ...[other]) => {
    expect(() => build(text, value, other)).toThrow(ExpressionError);
  });
});

describe('refuses the text', () => {
  const cases: [string, string][] = [
    ['ftp://example.test/', 'begin with https'],
    ['/relative', 'begin with https'],
    ['$config.base/x', 'one whole reference'],
    // A URL parser skips these slashes, so what looks like its path is its host.
    ['https:///$inputs.v/x', 'The host comes right after'],
    ['https:////example.test/', 'The host comes right after'],
    ['https://?q=$inputs.v', 'not a valid URL'],
    ['https://user:password@example.test/', 'User and password'],
    ['https://$secrets.KEY@example.test/', 'User and password'],
    ['https://example.test/a b', 'Spaces'],
    ['https://example.test/a\\b', 'backslashes'],
    ['https://example.test/a\u0000b', 'control'],
    ['https://example.test/../a', '".."'],
    ['https://example.test/%2E%2e/a', '".."'],
    ['https://example.test/#$inputs.v', 'fragment'],
    ['https://exa[mple/', 'not a valid URL'],
    ['https://example.test:99999/', 'not a valid URL'],
    ['https://', 'not a valid URL'],
    ['$inputs.links[0]', 'JMESPath'],
    [`https://example.test/${'a'.repeat(9000)}`, 'at most 8192'],
  ];
  test.each(cases.map(([text, message]) => [text.slice(0, 50), text, message]))('%s', (_, text, message) => {
    expect(() => parseUrlTemplate(text)).toThrow(ExpressionSyntaxError);
    expect(() => parseUrlTemplate(text)).toThrow(message);
  });
});

test('each reference knows which part of the URL it is in', () => {
  const { url } = parseUrlTemplate('https://$config.host:$config.port/a/$inputs.v?b=$inputs.w');
  expect(url.kind === 'parts' && url.parts.map((part) => (typeof part === 'string' ? part : part.where))).toEqual([
    'https://',
    'host',
    ':',
    'host',
    '/a/',
    'path',
    '?b=',
    'query',
  ]);
});

test('a value can add no segment and no parameter, and cannot change the host', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (v, w) => {
      let built: URL;
      try {
        built = new URL(build(`${base}/a/{$inputs.v}/b?q={$inputs.w}&r=1`, v, w));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ExpressionError);
        return;
      }
      expect(built.origin).toBe(base);
      expect(built.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'a', v, 'b']);
      expect([...built.searchParams]).toEqual([
        ['q', w],
        ['r', '1'],
      ]);
    }),
  );
});

test('parsing fails with a syntax error or not at all', () => {
  const part = fc.constantFrom(
    'https://',
    'a',
    '$inputs.v',
    '{$inputs.v}',
    '/',
    '?',
    '#',
    '@',
    ':',
    '.',
    '%',
    '[',
    ']',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
      try {
        parseUrlTemplate(parts.join(''));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ExpressionSyntaxError);
      }
    }),
  );
});

describe('the URL of an operation', () => {
  const buildOperation = (parts: (string | { parameter: string })[], parameters: Record<string, string>) =>
    compileUrl({ kind: 'operation', parts })(exampleScope({}), exampleBudget(), parameters);

  test('has its path parameters as they were written', () => {
    const parts = [`${base}/v1`, '/pets/', { parameter: 'id' }, '/x', { parameter: 'id' }, '?v=1'];
    expect(buildOperation(parts, { id: ';id=1,%2F' })).toBe(`${base}/v1/pets/;id=1,%2F/x;id=1,%2F?v=1`);
    expect(buildOperation([`${base}/pets`], {})).toBe(`${base}/pets`);
  });

  const parts = [`${base}/a/`, { parameter: 'id' }, '/b'];
  test.each(['', '.', '..', '%2e%2E', 'a/b', 'a?b', 'a#b', 'a\\b', 'a b', 'é', '%2', 'a\nb', '\ud800'])(
    'is refused with %j',
    (id) => {
      expect(() => buildOperation(parts, { id })).toThrow(ExpressionError);
    },
  );

  test.each<Record<string, string>>([{}, { other: 'x' }])('names the missing parameter: %j', (parameters) => {
    expect(() => buildOperation(parts, parameters)).toThrow('The path parameter id is missing or empty');
    expect(() => buildOperation([`${base}/`, { parameter: 'constructor' }], parameters)).toThrow(ExpressionError);
  });

  test('has no parameter in its host', () => {
    expect(() => buildOperation(['https://', { parameter: 'id' }, '/a'], { id: 'evil.test' })).toThrow('literal text');
    expect(() => buildOperation([base, { parameter: 'id' }], { id: '.evil.test' })).toThrow('literal text');
  });
});

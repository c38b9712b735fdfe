import { describe, expect, test } from '@jest/globals';
import type { Json, PlanParameter } from '@toolplane/contracts';
import { AppError } from '@toolplane/contracts';
import fc from 'fast-check';
import { API, build, buildBody, parameterOf } from '../../../test/request.ts';
import { checkHeaders } from '../../egress/request-headers.ts';

const attacks = [
  'x\r\nX-Injected: 1',
  'x\nX-Injected: 1',
  'x\u0000y',
  '\r\n\r\nGET /admin HTTP/1.1\r\nHost: evil\r\n\r\n',
  'x&admin=1',
  'x;admin=1',
  'x; admin=1',
  'x#fragment',
  'x?admin=1',
  '../../admin',
  '/admin',
  '//evil.example.com',
  '@evil.example.com',
  'x%0d%0aX-Injected: 1',
  '%26admin=1',
  '\u010d\u010aX-Injected: 1',
  '$secrets.KEY',
  '{$inputs.x}',
];

const allowReserved = [false, true];
const pathStyles = ['simple', 'label', 'matrix'] as const;
const queryStyles = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const;

/** Returns the parameters as an upstream reads them. */
function readQuery(parameter: PlanParameter): [string, string][] {
  const built = build({ parameters: [parameter, parameterOf('query', 'last', 'z')] });
  expect(built.url.origin + built.url.pathname).toBe(`${API}/x`);
  expect(built.url.hash).toBe('');
  return [...built.url.searchParams];
}

const rest = (isReserved: boolean) => (isReserved ? { allowReserved: true as const } : {});

describe('a query value stays in its parameter (B069)', () => {
  test.each(allowReserved.flatMap((isReserved) => attacks.map((attack) => [attack, isReserved] as const)))(
    '%j, reserved %s',
    (attack, isReserved) => {
      for (const style of queryStyles) {
        const [[name, value] = [], ...others] = readQuery(
          parameterOf('query', 'q', attack, { style, ...rest(isReserved) }),
        );
        expect([name, others]).toEqual(['q', [['last', 'z']]]);
        // If reserved characters are allowed, a text that looks percent-encoded is not encoded again.
        expect(value).toBe(isReserved ? attack.replace(/%[0-9a-f]{2}/g, decodeURIComponent) : attack);
      }
      expect(readQuery(parameterOf('query', attack, 1))).toEqual([
        [attack, '1'],
        ['last', 'z'],
      ]);
      expect(readQuery(parameterOf('query', 'q', { [attack]: 1 }, { style: 'deepObject' }))).toEqual([
        [`q[${attack}]`, '1'],
        ['last', 'z'],
      ]);
    },
  );
});

describe('a path value stays in its segment, and the host is the document’s (B067)', () => {
  test.each(allowReserved.flatMap((isReserved) => attacks.map((attack) => [attack, isReserved] as const)))(
    '%j, reserved %s',
    (attack, isReserved) => {
      for (const style of pathStyles) {
        const parameters = [
          parameterOf('path', 'p', attack, { style, ...rest(isReserved) }),
          parameterOf('query', 'q', 1),
        ];
        const url = { kind: 'operation' as const, parts: [`${API}/a/`, { parameter: 'p' }, '/b'] };
        try {
          const built = build({ parameters, url });
          expect(built.url).toMatchObject({ origin: API, search: '?q=1', hash: '' });
          expect(built.url.pathname.split('/')).toEqual(['', 'a', expect.stringMatching(/./), 'b']);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'invalid_upstream_request' });
          expect(attack).toMatch(/\p{Cc}/u);
        }
      }
    },
  );
});

describe('a header contains neither line breaks nor NUL, in its name or in its value', () => {
  test.each(attacks)('%j', (attack) => {
    for (const parameter of [
      parameterOf('header', 'X-A', attack),
      parameterOf('header', 'X-A', [attack, 1], { explode: true }),
      parameterOf('header', 'X-A', { [attack]: 1 }),
      parameterOf('header', attack, 1),
      parameterOf('cookie', attack, attack),
      parameterOf('cookie', 'a', attack, { allowReserved: true }),
      parameterOf('cookie', 'a', { [attack]: attack }, { isCredential: true }),
    ]) {
      const { headers } = build({ parameters: [parameter] });
      const text = Object.entries(headers).flat().join('');
      if (/[\r\n\0]/.test(text)) {
        expect(() => checkHeaders(headers)).toThrow(expect.objectContaining({ code: 'invalid_upstream_request' }));
      }
      if (parameter.in === 'cookie') expect(headers['cookie']?.split(';')).toHaveLength(1);
    }
  });
});

test('no value adds a field to a form, and no field is lost', () => {
  const texts = fc.dictionary(fc.string({ minLength: 1, unit: 'binary' }), fc.string({ unit: 'binary' }), {
    maxKeys: 4,
  });
  fc.assert(
    fc.property(texts, (fields) => {
      const read = new URLSearchParams(String(buildBody(fields, { bodyType: 'form' }).body));
      const expected = Object.entries(fields).map((pair) => pair.map((text) => text.toWellFormed()));
      expect([...read]).toEqual(expected);
    }),
  );
});

test('with any values, a request has its own segments and parameters or is refused', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.array(fc.string()),
    fc.integer(),
  ) as fc.Arbitrary<Json>;
  fc.assert(
    fc.property(
      value,
      value,
      fc.constantFrom(...pathStyles),
      fc.constantFrom('form' as const, 'pipeDelimited' as const),
      fc.boolean(),
      fc.boolean(),
      (pathValue, queryValue, pathStyle, queryStyle, explode, isReserved) => {
        const parameters = [
          parameterOf('path', 'p', pathValue, { style: pathStyle, explode, ...rest(isReserved) }),
          parameterOf('query', 'q', queryValue, { style: queryStyle, explode, ...rest(isReserved) }),
        ];
        let url: URL;
        try {
          ({ url } = build({ parameters }));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AppError);
          return;
        }
        expect(url.origin).toBe(API);
        expect(url.pathname.split('/')).toHaveLength(3);
        expect([...url.searchParams.keys()].every((name) => name === 'q')).toBe(true);
        const count = Array.isArray(queryValue) && explode ? queryValue.length : 1;
        expect([...url.searchParams]).toHaveLength(Array.isArray(queryValue) && queryValue.length === 0 ? 0 : count);
      },
    ),
    { numRuns: 500 },
  );
});

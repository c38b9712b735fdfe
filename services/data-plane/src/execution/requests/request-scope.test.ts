import { describe, expect, test } from '@jest/globals';
import type { PlanParameter, PlanRequest } from '@toolplane/contracts';
import type { RequestScope } from '@toolplane/expressions';
import { API, parameterOf, requestOf, scopeOf } from '../../../test/request.ts';
import { createRedactor } from '../redact.ts';
import { formsOf } from '../redacted-forms.ts';
import { buildRequest, toRequestScope } from './build-request.ts';
import { prepareRequest } from './prepare-request.ts';

const KEY = "it's a (canary)/key!";
const redactor = createRedactor([{ name: 'KEY', forms: formsOf(KEY) }]);

function scopeOfRequest(rest: Partial<PlanRequest>): RequestScope {
  const request = prepareRequest(requestOf(rest));
  return toRequestScope(request, buildRequest(request, scopeOf()).parts, redactor);
}

const credential: Partial<PlanParameter> = { isCredential: true };
const nothing = createRedactor([]);

test('$request has the values of the request as it was sent', () => {
  const parameters = [
    parameterOf('path', 'id', [1, 'b']),
    parameterOf('query', 'Q', { a: 1 }),
    parameterOf('header', 'X-List', [1, 2]),
    parameterOf('cookie', 'c', 'x y'),
    parameterOf('query', 'none', undefined),
  ];
  expect(
    scopeOfRequest({ method: 'POST', parameters, body: { kind: 'literal', value: { b: 1 } }, bodyType: 'json' }),
  ).toEqual({
    method: 'POST',
    url: `${API}/x/1,b?a=1`,
    path: { id: [1, 'b'] },
    query: { Q: { a: 1 } },
    headers: { 'x-list': '1,2', cookie: 'c=x%20y', 'content-type': 'application/json' },
    body: { b: 1 },
  });
});

test('for a whole querystring, $request.query has its members', () => {
  const ofObject = scopeOfRequest({ parameters: [parameterOf('querystring', 'q', { a: 1, b: [2] })] });
  expect(ofObject).toMatchObject({ query: { a: 1, b: [2] }, url: `${API}/x?a=1&b=2` });
  expect(scopeOfRequest({ parameters: [parameterOf('querystring', 'q', 'a=1')] })).toMatchObject({ query: {} });
});

describe('no credential is in $request', () => {
  test('if it was added for a security scheme, whatever its value', () => {
    const parameters = [
      parameterOf('query', 'api_key', 'short', credential),
      parameterOf('query', 'q', 'x'),
      parameterOf('header', 'Authorization', 'Bearer short', credential),
      parameterOf('cookie', 'session', 'short', credential),
    ];
    const request = prepareRequest(requestOf({ parameters }));
    const built = buildRequest(request, scopeOf());
    expect(built.url.search).toBe('?api_key=short&q=x');
    expect(built.headers).toEqual({ authorization: 'Bearer short', cookie: 'session=short' });
    const seen = toRequestScope(request, built.parts, nothing);
    expect(seen).toEqual({ method: 'GET', url: `${API}/x?q=x`, query: { q: 'x' }, headers: {}, body: null });
  });

  test('if it is in a parameter of the document, in any location and style', () => {
    const parameters = [
      parameterOf('path', 'p', [KEY, 'x'], { style: 'matrix', explode: true }),
      parameterOf('query', 'a', { deep: KEY }, { style: 'deepObject' }),
      parameterOf('query', 'b', KEY, { allowReserved: true }),
      parameterOf('query', 'c', [KEY], { contentType: 'application/json' }),
      parameterOf('header', 'X', [1, KEY]),
      parameterOf('cookie', 'd', KEY, { explode: false }),
    ];
    const seen = scopeOfRequest({ parameters, body: { kind: 'literal', value: { e: KEY } }, bodyType: 'form' });
    expect(seen).toMatchObject({
      path: { p: ['[secret:KEY]', 'x'] },
      query: { a: { deep: '[secret:KEY]' }, b: '[secret:KEY]', c: ['[secret:KEY]'] },
      headers: { x: '1,[secret:KEY]' },
      body: { e: '[secret:KEY]' },
    });
    expect(decodeURIComponent(seen.url)).toBe(
      `${API}/x/;p=[secret:KEY];p=x?a[deep]=[secret:KEY]&b=[secret:KEY]&c=["[secret:KEY]"]`,
    );
    expect(JSON.stringify(seen)).not.toContain('canary');
  });
});

import { describe, expect, test } from '@jest/globals';
import { OpenApiError } from './model.ts';
import { resolveServer } from './resolve-server.ts';

const location = 'https://example.com/specs/v3/api.json';

function server(url: string, more: Partial<Parameters<typeof resolveServer>[1]> = {}, variables = {}): string {
  try {
    return resolveServer({ url, variables }, { location, ...more });
  } catch (thrown) {
    if (thrown instanceof OpenApiError) return thrown.message;
    throw thrown;
  }
}

describe('variables', () => {
  const declared = { port: { default: '443', enum: ['443', '8443'] }, base: { default: 'v2' } };
  const url = 'https://api.example.com:{port}/{base}';

  test('take the given value, otherwise their default', () => {
    expect(server(url, {}, declared)).toBe('https://api.example.com/v2');
    expect(server(url, { variables: { port: '8443', other: 'x' } }, declared)).toBe('https://api.example.com:8443/v2');
  });

  test('are refused with a value outside the list', () => {
    expect(server(url, { variables: { port: '80' } }, declared)).toContain(
      'allows for its variable "port" only 443, 8443',
    );
  });

  test('are refused if nothing declares them', () => {
    expect(server('https://{host}/')).toContain('has no value for its variable "host"');
    expect(server('https://{constructor}/')).toContain('has no value for its variable "constructor"');
  });
});

describe('relative URLs are resolved against the URL of the document', () => {
  test.each([
    ['/', 'https://example.com'],
    ['/v2', 'https://example.com/v2'],
    ['v2/', 'https://example.com/specs/v3/v2'],
    ['../v2', 'https://example.com/specs/v2'],
    ['.', 'https://example.com/specs/v3'],
    ['//api.example.com/v2', 'https://api.example.com/v2'],
    ['http://other.example/v1//', 'http://other.example/v1'],
  ])('%s is %s', (url, expected) => {
    expect(server(url)).toBe(expected);
  });

  test('and refused without such a URL', () => {
    expect(server('/v2', { location: 'api.json' })).toContain('is relative to an unknown location');
    expect(server('/v2', { location: '' })).toContain('is relative to an unknown location');
    expect(server('/v2', { location: 'file:///etc/api.json' })).toContain('is not an HTTP URL');
  });
});

test('an override replaces host and base path', () => {
  const override = 'http://127.0.0.1:8080/staging/';
  expect(server('https://api.example.com/{base}/v9', { override })).toBe('http://127.0.0.1:8080/staging');
  expect(server('/v9', { override: 'https://staging.example.com' })).toBe('https://staging.example.com');
  expect(server('/v9', { override: '/relative' })).toContain('"/relative" is relative');
});

test.each([
  ['ftp://example.com', 'is not an HTTP URL'],
  ['https://user:pass@example.com', 'contains credentials'],
  ['https://example.com/?a=b', 'has a query or a fragment'],
  ['https://example.com/#x', 'has a query or a fragment'],
  ['https://exa mple.com', 'is not a URL'],
  ['https://{.example.com', 'has braces in its host'],
  ['https://a}.example.com', 'has braces in its host'],
])('%s %s', (url, reason) => {
  expect(server(url)).toContain(reason);
});

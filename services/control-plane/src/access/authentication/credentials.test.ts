import { describe, expect, test } from '@jest/globals';
import { readApiKey } from './credentials.ts';

const read = (headersDistinct: Record<string, string[]>) => () => readApiKey({ headersDistinct });

describe('accepts one key from one place', () => {
  test.each([
    ['x-api-key', { 'x-api-key': ['k'] }],
    ['Bearer', { authorization: ['Bearer k'] }],
    ['bearer in any case', { authorization: ['bearer  k'] }],
    ['x-api-key beside the token of a debug session', { 'x-api-key': ['k'], authorization: ['Token tpd_x'] }],
    ['both, when equal', { 'x-api-key': ['k'], authorization: ['Bearer k'] }],
  ])('%s', (_name, headers) => {
    expect(read(headers)()).toBe('k');
  });
});

describe('401', () => {
  test.each([
    ['no header', {}],
    ['an empty key', { 'x-api-key': [''] }],
    ['the token of a debug session', { authorization: ['Token tpd_x'] }],
    ['another scheme', { authorization: ['Basic azpr'] }],
    ['a scheme alone', { authorization: ['Bearer '] }],
  ])('%s', (_name, headers) => {
    expect(read(headers)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
  });
});

describe('400 for ambiguous credentials', () => {
  test.each([
    ['x-api-key twice', { 'x-api-key': ['k', 'k'] }],
    ['Authorization twice', { authorization: ['Bearer k', 'Bearer k'] }],
    ['two different keys', { 'x-api-key': ['k'], authorization: ['Bearer other'] }],
  ])('%s', (_name, headers) => {
    expect(read(headers)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

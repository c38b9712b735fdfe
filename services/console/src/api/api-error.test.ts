import { describe, expect, test } from '@jest/globals';
import { ApiError, toSentences } from './api-error.ts';

describe('what people are told about an error', () => {
  test('is the message of the API, or each place that it names with its rule', () => {
    const refused = { code: 'conflict', message: 'Somebody was faster' };
    expect(toSentences(new ApiError(409, refused))).toEqual(['Somebody was faster']);
    const details = [
      { path: 'body.name', message: 'must be a slug' },
      { path: '/hosts/0', message: 'is no host' },
      { path: '', message: 'is no object' },
    ];
    const invalid = { code: 'invalid_request', message: 'The request is not valid', details };
    expect(toSentences(new ApiError(400, invalid))).toEqual([
      'name must be a slug',
      'hosts/0 is no host',
      'The request is no object',
    ]);
  });

  test('is nothing about an error of the page itself', () => {
    expect(toSentences(new TypeError('x is undefined'))).toEqual([
      'The request failed. Reload the page and try again.',
    ]);
  });
});

import { expect, test } from '@jest/globals';
import { ApiError } from '../api/api-error.ts';
import { toComplaints, toHosts } from './host-text.ts';

test('hosts are read one per line, however they were pasted', () => {
  expect(toHosts(' API.example.com\n\n*.internal.example.com, api.example.com\r\n127.0.0.1:8080 ')).toEqual([
    'api.example.com',
    '*.internal.example.com',
    '127.0.0.1:8080',
  ]);
  expect(toHosts(' \n')).toEqual([]);
});

test('a problem that the API reports for one host is shown beside that host, and others are not', () => {
  const details = [
    { path: 'body.denyHosts.1', message: 'must be host, host:port or *.host, in lowercase' },
    { path: 'body.allowHosts.0', message: 'must have a port of at most 65535' },
    { path: 'body.version', message: 'is no number' },
    { path: 'body.config.allowHosts.0', message: 'is too long' },
  ];
  const error = new ApiError(400, { code: 'invalid_request', message: 'The request is not valid', details });
  expect(toComplaints(error, 'denyHosts', ['good.example.com', 'https://x'])).toEqual([
    'https://x: must be host, host:port or *.host, in lowercase',
  ]);
  expect(toComplaints(error, 'config.allowHosts', ['y'])).toEqual(['y: is too long']);
  expect(toComplaints(new TypeError('other'), 'denyHosts', [])).toEqual([]);
});

import { expect, test } from '@jest/globals';
import { ApiError } from './api-error.ts';
import { toFormProblems } from './form-problems.ts';

test('a problem that the API reports for a field, or a member of it, is shown at the field, and all others are kept', () => {
  const details = [
    { path: 'body.name', message: 'must be a slug' },
    { path: 'body.hosts.0', message: 'is no host' },
    { path: 'body.hosts.2', message: 'is too long' },
    { path: 'body.names', message: 'is not known' },
  ];
  const refused = { code: 'invalid_request', message: 'The request is not valid' };
  const { at, rest } = toFormProblems(new ApiError(400, { ...refused, details }), ['name', 'hosts']);
  expect(at).toEqual({ name: 'Must be a slug', hosts: 'Is no host; is too long' });
  expect(rest).toMatchObject({ details: [{ path: 'body.names', message: 'is not known' }] });
  expect(
    toFormProblems(new ApiError(400, { ...refused, details: details.slice(0, 1) }), ['name']).rest,
  ).toBeUndefined();
});

test('an error that names no field is about the whole form', () => {
  const late = new ApiError(409, { code: 'conflict', message: 'Somebody was faster' });
  expect(toFormProblems(late, ['name'])).toEqual({ at: {}, rest: late });
  expect(toFormProblems(null, ['name'])).toEqual({ at: {}, rest: undefined });
});

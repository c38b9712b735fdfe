import { expect, test } from '@jest/globals';
import { ApiError } from '../api/api-error.ts';
import { toPolicyProblems } from './policy-problems.ts';

test('a problem in a policy is shown with its place in the text, and all others are left for the form', () => {
  const refused = { code: 'invalid_request', message: 'The request is not valid' };
  const details = [
    { path: 'body.policy.rules.0.effect', message: 'must be allow or deny' },
    { path: 'body.policy', message: 'must be an object' },
  ];
  const both = new ApiError(400, { ...refused, details });
  expect(toPolicyProblems(both)).toEqual({
    inPolicy: ['rules.0.effect must be allow or deny', 'must be an object'],
    rest: undefined,
  });
  const other = new ApiError(400, { ...refused, details: [...details, { path: 'body.version', message: 'is wrong' }] });
  expect(toPolicyProblems(other).rest).toBe(other);
  const late = new ApiError(409, { code: 'conflict', message: 'Somebody was faster' });
  expect(toPolicyProblems(late)).toEqual({ inPolicy: [], rest: late });
  expect(toPolicyProblems(null)).toEqual({ inPolicy: [], rest: undefined });
});

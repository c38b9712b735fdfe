import { expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { toLoggedError } from './logger.ts';

const canary = 'canary_0123456789';

test('a foreign error is logged without its message, fields or a message that looks like a frame', () => {
  const error = Object.assign(new Error(`first line\n    at ${canary} (file.ts:1:1)`), {
    code: 'ECONNRESET',
    options: { headers: { authorization: canary } },
  });
  const logged = toLoggedError(new AppError('internal', 'Internal error', { cause: error }));
  expect(logged).toMatchObject({
    name: 'AppError',
    message: 'Internal error',
    cause: { name: 'Error', code: 'ECONNRESET' },
  });
  expect(JSON.stringify(logged)).not.toContain(canary);
});

test('causes that name each other end', () => {
  const error = new Error('a');
  error.cause = error;
  expect(JSON.stringify(toLoggedError(error)).length).toBeLessThan(10_000);
});

import { expect, test } from '@jest/globals';
import type { BusEvent } from './bus-event.ts';
import { createRefusals } from './redis-refusals.ts';

function replyError(message: string, command?: object): Error {
  return Object.assign(new Error(message), { name: 'ReplyError', ...(command && { command }) });
}

test.each([
  [
    replyError("NOPERM this user has no permissions to run the 'bzpopmin' command", { name: 'bzpopmin', args: ['x'] }),
    { reason: 'NOPERM', command: 'bzpopmin' },
  ],
  [replyError('WRONGPASS invalid username-password pair or user is disabled.'), { reason: 'WRONGPASS' }],
  [
    replyError("ERR Error running script: NOPERM this user can't access 'canary'", { name: 'evalsha' }),
    { reason: 'NOPERM', command: 'evalsha' },
  ],
  [replyError('ERR unknown', { name: 'canary with\nmore' }), { reason: 'ERR' }],
])('a refusal is reported by its code and command, and nothing else of it: %s', (error, refusal) => {
  const reported: BusEvent[] = [];
  expect(createRefusals((event) => reported.push(event)).note(error)).toBe(true);
  expect(reported).toEqual([{ type: 'redis_refused', ...refusal }]);
});

test('a refusal is reported once a minute, however often it occurs', () => {
  const reported: BusEvent[] = [];
  let now = 0;
  const refusals = createRefusals(
    (event) => reported.push(event),
    () => now,
  );
  for (const at of [0, 1, 59_999]) {
    now = at;
    refusals.note(replyError('OOM command not allowed'));
  }
  expect(reported).toHaveLength(1);
  now = 60_000;
  refusals.note(replyError('OOM command not allowed'));
  expect(reported).toHaveLength(2);
});

test('an error that Redis did not answer with is left to others', () => {
  expect(createRefusals(() => {}).note(new Error('ECONNREFUSED'))).toBe(false);
});

import { describe, expect, test } from '@jest/globals';
import { readUsername } from './read-username.ts';

const principal = { kind: 'api-key', keyId: 'key_1', workspaceId: 'ws_1', permissions: [] } as const;

test('names the user exactly as written; without the header, no user is named', () => {
  expect(readUsername({ 'x-username': 'Ada.L+1@example.test' }, principal)).toBe('Ada.L+1@example.test');
  expect(readUsername({ 'x-username': 'a'.repeat(255) }, principal)).toBe('a'.repeat(255));
  expect(readUsername({}, principal)).toBeUndefined();
});

describe('is refused naming the header and the rule, without the value, and never treated as absent (B036)', () => {
  const rule = /^x-username .*1 to 255/;
  test.each([
    ['a name with a space', 'canary name'],
    ['a name that is given twice', 'canary, other'],
    ['a name of 256 characters', 'canary'.padEnd(256, 'a')],
    ['a name of 10 kB', 'canary'.padEnd(10_240, 'a')],
    ['an empty name', ''],
    ['a name with a line break', 'canary\r\nx-other: 1'],
    ['a name that is a path', '../canary'],
    ['a name in the form NFD', 'canary\u0065\u0301'],
    ['a name with a zero-width joiner', 'can\u200dary'],
  ])('%s', (_name, username) => {
    const read = () => readUsername({ 'x-username': username }, principal);
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(rule) }));
    expect(read).not.toThrow(/canary/);
  });
});

test('is refused from a caller without a key, who could name any user (T31, B037)', () => {
  const read = () => readUsername({ 'x-username': 'ada' }, { kind: 'anonymous' });
  expect(read).toThrow('x-username requires an API key in the same request');
});

test('is refused with a key that may not speak for users, whatever name it gives (T31, B037)', () => {
  for (const username of ['ada', '']) {
    const read = () => readUsername({ 'x-username': username }, { ...principal, mayAssertUser: false });
    expect(read).toThrow(expect.objectContaining({ code: 'forbidden' }));
  }
  expect(readUsername({}, { ...principal, mayAssertUser: false })).toBeUndefined();
});

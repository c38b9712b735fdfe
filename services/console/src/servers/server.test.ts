import { expect, test } from '@jest/globals';
import type { McpServer } from '@toolplane/api-client';
import { whyNoTools } from './server.ts';

const running = { isArchived: false, isStopped: false, mode: 'NORMAL' } as McpServer;

test.each([
  ['an archived server', { ...running, isArchived: true, isStopped: true }, /Unarchive it, and then start it/],
  ['a stopped server', { ...running, isStopped: true }, /until it is started again/],
  ['a server that searches', { ...running, mode: 'SMART' as const }, /no tools of its own/],
  ['a server without a deployment', running, /deploy it/],
])('what to do about the missing tools of %s', (_what, server, reason) => {
  expect(whyNoTools(server)).toMatch(reason);
});

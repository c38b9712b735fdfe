import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ANSWER_MS_MAX, createCommands, toDefaultPool } from '../../platform/commands/commands.ts';
import { createInspect } from './inspect.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('servers that hang hold up only further inspections of their workspace, which are refused in the end', async () => {
  const asked: string[] = [];
  const call = ({ tenant }: { tenant: string }) => {
    asked.push(tenant);
    return new Promise<never>(() => {});
  };
  const inspect = createInspect({ commands: createCommands({ call }, ANSWER_MS_MAX) });
  const address = { url: 'https://mcp.example.com/', transport: null, headers: [], allow: [] };
  for (let count = 0; count < 5; count += 1) void inspect(toDefaultPool('busy'), address);
  const waiting = inspect(toDefaultPool('busy'), address).catch(({ code }) => code);
  void inspect(toDefaultPool('quiet'), address);
  await jest.advanceTimersByTimeAsync(10_000);
  expect(await waiting).toBe('tenant_busy');
  expect(asked).toEqual([...Array.from({ length: 5 }, () => 'busy'), 'quiet']);
});

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type ConsoleInUse, startConsole } from '../src/console.ts';

/** The web console in a real browser, over a whole platform, which all parts use after one another. */
export function describeConsole(parts: readonly ((using: () => ConsoleInUse) => void)[]): void {
  // A browser beside all other tests is slow.
  jest.setTimeout(60_000);

  let inUse: ConsoleInUse;
  beforeAll(async () => {
    inUse = await startConsole();
  }, 90_000);
  afterAll(async () => {
    await inUse?.[Symbol.asyncDispose]();
  });

  for (const describePart of parts) describePart(() => inUse);

  test('no page did anything that its content security policy refused, and no script failed', () => {
    // Complaints about what was refused, and about what was tried without a network.
    const isAnswer = /the server responded with a status of 4\d\d|net::ERR_INTERNET_DISCONNECTED/;
    expect(inUse.owner.complaints.filter((line) => !isAnswer.test(line))).toEqual([]);
  });
}

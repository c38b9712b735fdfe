import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type ConsoleInUse, startConsole } from '../src/console.ts';

/** Tests of the web console in a real browser, with a whole platform, which all parts use one after the other. */
export function describeConsole(parts: readonly ((using: () => ConsoleInUse) => void)[]): void {
  // A browser is slow while all other tests run.
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
    // Errors about refused requests, and about requests without a network, are expected.
    const isAnswer = /the server responded with a status of 4\d\d|net::ERR_INTERNET_DISCONNECTED/;
    expect(inUse.owner.complaints.filter((line) => !isAnswer.test(line))).toEqual([]);
  });
}

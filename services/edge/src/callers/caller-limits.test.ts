import { describe, expect, test } from '@jest/globals';
import { limitCallers } from './caller-limits.ts';
import type { IdentifiedPrincipal, KeyPrincipal, TokenPrincipal } from './principal.ts';

const keyOf = (keyId: string, username?: string, workspaceId = 'ws_1'): KeyPrincipal => ({
  kind: 'api-key',
  keyId,
  organizationId: 'org_1',
  workspaceId,
  permissions: [],
  ...(username === undefined ? {} : { username }),
});
const tokenOf = (workspaceId: string): TokenPrincipal => ({
  kind: 'token',
  workspaceId,
  issuer: 'https://idp.test',
  subject: 'ann',
  scopes: [],
  groups: [],
  claims: {},
  expiresAt: 0,
});

const UNLIMITED = { requestsPerSecond: 1e6, postsMax: 1e6 };

describe('the requests of a caller', () => {
  function startClock(perOrganization = UNLIMITED) {
    let at = 1_000_000;
    const limits = limitCallers({ perCaller: { requestsPerSecond: 5, postsMax: 1 }, perOrganization, now: () => at });
    const passed = (count: number, caller: IdentifiedPrincipal = keyOf('k')) => {
      let passed = 0;
      for (let request = 0; request < count; request += 1) {
        try {
          limits.count(caller);
          passed += 1;
        } catch {}
      }
      return passed;
    };
    const wait = (ms: number) => {
      at += ms;
    };
    return { limits, passed, wait };
  }

  test('may come in a burst of ten seconds’ worth, and at the steady rate after it', () => {
    const { passed, wait } = startClock();
    expect(passed(60)).toBe(50);
    wait(1000);
    expect(passed(60)).toBe(5);
    wait(3_600_000);
    expect(passed(60)).toBe(50);
  });

  test('are never refused at the steady rate', () => {
    const { passed, wait } = startClock();
    for (let second = 0; second < 100; second += 1) {
      expect(passed(5)).toBe(5);
      wait(1000);
    }
  });

  test('that are refused say when to retry, and a retry at that time passes', () => {
    const { limits, passed, wait } = startClock();
    passed(50);
    expect(() => limits.count(keyOf('k'))).toThrow(
      expect.objectContaining({ code: 'rate_limited', details: { retryAfterMs: 200 } }),
    );
    wait(199);
    expect(passed(1)).toBe(0);
    wait(1);
    expect(passed(1)).toBe(1);
  });

  test('count one by one when they come together', () => {
    const { limits, passed } = startClock();
    limits.count(keyOf('k'), 20);
    expect(passed(60)).toBe(30);
  });

  test('are counted per key, whatever users it names, and apart from those of anybody else', () => {
    const { passed } = startClock();
    expect(passed(60, keyOf('k', 'ann')) + passed(60, keyOf('k', 'bob'))).toBe(50);
    expect([passed(60, keyOf('other')), passed(60, tokenOf('ws_1')), passed(60, tokenOf('ws_2'))]).toEqual([
      50, 50, 50,
    ]);
  });
});

describe('many keys of one organization (T51)', () => {
  test('make no more requests than its workspace may, and those of all its workspaces no more than it may', () => {
    const limits = limitCallers({
      perCaller: { requestsPerSecond: 5, postsMax: 1 },
      perOrganization: { requestsPerSecond: 16, postsMax: 8 },
      now: () => 0,
    });
    const passed = (caller: IdentifiedPrincipal) => {
      let passed = 0;
      try {
        for (; ; passed += 1) limits.count(caller);
      } catch {}
      return passed;
    };
    expect(['a', 'b', 'c'].map((key) => passed(keyOf(key, undefined, 'ws_1')))).toEqual([50, 30, 0]);
    expect(['d', 'e', 'f'].map((key) => passed(keyOf(key, undefined, 'ws_2')))).toEqual([50, 30, 0]);
    expect(passed(keyOf('g', undefined, 'ws_3'))).toBe(0);
    expect(passed({ ...keyOf('h', undefined, 'ws_4'), organizationId: 'org_2' })).toBe(50);
  });

  test('have no more POSTs under way, and a POST that ends frees the place of all of them', () => {
    const limits = limitCallers({
      perCaller: { requestsPerSecond: 1, postsMax: 2 },
      perOrganization: { requestsPerSecond: 1, postsMax: 4 },
    });
    const begin = (keyId: string, workspaceId: string) =>
      limits.begin(keyOf(keyId, undefined, workspaceId), 'answering');
    const refused = expect.objectContaining({ code: 'rate_limited' });
    begin('a', 'ws_1');
    begin('b', 'ws_1');
    expect(() => begin('c', 'ws_1')).toThrow(refused);
    const end = begin('d', 'ws_2');
    begin('e', 'ws_2');
    expect(() => begin('f', 'ws_3')).toThrow(refused);
    end();
    begin('f', 'ws_3');
  });
});

test('a caller has at most its maximum of POSTs under way, and each frees its place only once', () => {
  const limits = limitCallers({ perCaller: { requestsPerSecond: 1, postsMax: 2 }, perOrganization: UNLIMITED });
  const begin = (keyId: string, username?: string) => limits.begin(keyOf(keyId, username), 'answering');
  const [end] = [begin('k'), begin('k', 'ann')];
  expect(() => begin('k')).toThrow(expect.objectContaining({ code: 'rate_limited' }));
  begin('other');
  end();
  end();
  begin('k');
  expect(() => begin('k')).toThrow(expect.objectContaining({ code: 'rate_limited' }));
});

test('a caller may send more POSTs while its maximum is being answered, but only as many as the maximum', () => {
  const limits = limitCallers({ perCaller: { requestsPerSecond: 1, postsMax: 1 }, perOrganization: UNLIMITED });
  limits.begin(keyOf('k'), 'answering');
  const end = limits.begin(keyOf('k'), 'reading');
  expect(() => limits.begin(keyOf('k'), 'reading')).toThrow(expect.objectContaining({ code: 'rate_limited' }));
  end();
  limits.begin(keyOf('k'), 'reading');
});

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Snapshot } from '@toolplane/bus';
import { policySchema, type Tool } from '@toolplane/contracts';
import { keyRecordOf, manifestOf } from '../../test/published.ts';
import type { Principal } from '../callers/principal.ts';
import { toHostedServer } from '../manifests/hosted-server.ts';
import { toVisibleServer, viewServer } from './visible-server.ts';
import { createServerWatch } from './watch-server.ts';

/* Visibility by time of day; visibility by caller is tested over HTTP. */

const toolNamed = (name: string): Tool => ({
  name,
  inputSchema: { type: 'object' },
  planDigest: 'd',
  deadlineMs: 1000,
  isRepeatable: true,
});
const manifest = manifestOf({
  tools: [toolNamed('a'), toolNamed('b')],
  policy: policySchema.parse({
    rules: [{ id: 'night', effect: 'deny', tools: { names: ['b'] }, times: { from: '22:00', to: '06:00' } }],
  }),
});
const record = keyRecordOf();
const principal: Principal = { kind: 'api-key', keyId: 'k', workspaceId: 'ws_1', permissions: ['tools:call'] };
const namesOf = (server: ReturnType<typeof toHostedServer>) => [...server.tools.keys()];

beforeEach(() => void jest.useFakeTimers({ now: Date.parse('2026-11-22T21:59:00Z') }));
afterEach(() => void jest.useRealTimers());

describe('a tool that is denied at night', () => {
  test('is visible before the night and again after it', () => {
    const server = toHostedServer(manifest);
    const by = (time: string) => {
      jest.setSystemTime(Date.parse(`2026-11-${time}Z`));
      return viewServer(server, principal);
    };
    expect(by('22T21:59:00').view).toBe(server);
    expect(by('22T21:59:00').until).toBe(Date.parse('2026-11-22T22:00:00Z'));
    expect(namesOf(by('22T21:59:59.999').view)).toEqual(['a', 'b']);
    expect(namesOf(by('22T22:00:00').view)).toEqual(['a']);
    expect(namesOf(by('23T05:59:59.999').view)).toEqual(['a']);
    expect(namesOf(by('23T06:00:00').view)).toEqual(['a', 'b']);
  });

  test('is announced to listeners at the moment when its visibility changes', async () => {
    // A separate manifest, because what is cached for the other one applies to a time in the future.
    const published = { ...manifest };
    const snapshot = {
      onChange: () => {},
      peekManifest: () => published,
      getManifest: async () => published,
      getApiKey: async () => record,
    } as Partial<Snapshot> as Snapshot;
    const stopping = new AbortController();
    const watchServer = createServerWatch(snapshot, stopping.signal, 2 ** 30);
    const reported: [string, string[]][] = [];
    watchServer({
      server: toVisibleServer(toHostedServer(published), principal),
      principal,
      onEnd: () => {},
      onChange: (_change, after) => void reported.push([new Date().toISOString().slice(11, 16), namesOf(after)]),
    });
    for (let minute = 0; minute < 24 * 60; minute += 1) await jest.advanceTimersByTimeAsync(60_000);
    expect(reported).toEqual([
      ['22:00', ['a']],
      ['06:00', ['a', 'b']],
    ]);
    stopping.abort();
  });
});

test('callers who see the same tools share one view, and a caller who sees all of them has the server itself', () => {
  const policy = policySchema.parse({
    rules: [{ id: 'no', effect: 'deny', tools: { names: ['b'] }, callers: { users: ['a*'] } }],
  });
  const server = toHostedServer({ ...manifest, policy });
  const viewOf = (username: string) => toVisibleServer(server, { ...principal, username });
  expect(viewOf('bob')).toBe(server);
  expect(viewOf('ada')).not.toBe(server);
  expect(viewOf('ann')).toBe(viewOf('ada'));
  expect(toVisibleServer(server, { ...principal, tools: ['a'] })).toBe(viewOf('ada'));
});

import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createEdgeStore } from '@toolplane/bus';
import { AppError } from '@toolplane/contracts';
import { createCallCipher, parseCallKeys } from '@toolplane/sealing';
import type { McpError } from '../src/protocol/mcp-error.ts';
import { type AskingRequest, sealRequestState, useRequestState } from '../src/questions/request-state.ts';
import { createUsedOnce } from '../src/use-once.ts';

describe('a requestState', () => {
  const keys = parseCallKeys(`s1:${randomBytes(32).toString('base64')}`);
  const cipher = createCallCipher(keys);
  const usedOnce = createUsedOnce();
  const server = { manifest: { serverId: 's' } };
  const request = { server, principal: { kind: 'anonymous' }, method: 'tools/call', headers: {} };
  const asking = { request, target: { name: 't', planDigest: 'd1' }, callArguments: {} } as unknown as AskingRequest;
  const redisUrl = process.env['REDIS_URL'] ?? '';
  afterEach(() => void jest.useRealTimers());

  test('is valid for an hour', async () => {
    const store = await createEdgeStore({ redisUrl, keys });
    const sealMinutesAgo = (minutes: number) => {
      jest.useFakeTimers({ now: Date.now() - minutes * 60_000 });
      const sealed = sealRequestState({ cipher }, asking, { state: 'state' });
      jest.useRealTimers();
      return sealed;
    };
    expect(await useRequestState({ cipher, store, usedOnce }, asking, sealMinutesAgo(59))).toMatchObject({
      state: 'state',
    });
    await expect(useRequestState({ cipher, store, usedOnce }, asking, sealMinutesAgo(61))).rejects.toMatchObject({
      code: -32602,
    });
    await store.close();
  });

  test('is not accepted while nobody can tell whether it was used before', async () => {
    const store = await createEdgeStore({ redisUrl: 'redis://127.0.0.1:1', keys });
    const sealed = sealRequestState({ cipher }, asking, { state: 'state' });
    const used = useRequestState({ cipher, store, usedOnce }, asking, sealed);
    await expect(used).rejects.toMatchObject({ code: 'queue_unavailable' });
    await store.close();
  });

  test('is soon usable again when Redis did not confirm its use, and when it could not be given back', async () => {
    const store = await createEdgeStore({ redisUrl, keys });
    const unanswered = async () => {
      throw new AppError('queue_unavailable', 'No answer in time');
    };
    let isSilent = true;
    const silent: typeof store = {
      ...store,
      useOnce: (...use) => store.useOnce(...use).then(isSilent ? unanswered : (isFirst) => isFirst),
      releaseOnce: (...use) => (isSilent ? unanswered() : store.releaseOnce(...use)),
    };
    const sealed = sealRequestState({ cipher }, asking, { state: 'state' });
    const use = () => useRequestState({ cipher, store: silent, usedOnce }, asking, sealed);
    const useSoon = async (): Promise<Awaited<ReturnType<typeof use>>> =>
      use().catch((error: McpError) => {
        expect(error.code).toBe(-32602);
        return useSoon();
      });
    await expect(use()).rejects.toMatchObject({ code: 'queue_unavailable' });
    isSilent = false;
    const { release } = await useSoon();
    isSilent = true;
    await release();
    isSilent = false;
    expect(await useSoon()).toMatchObject({ state: 'state' });
    await store.close();
  });
});

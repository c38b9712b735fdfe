import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createEdgeStore, type EdgeStore } from '@toolplane/bus';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { parseCallKeys } from '@toolplane/sealing';
import { claimSenderRole, type SenderRole } from '../src/sessions/sender-role.ts';

/* These tests check which stream of a session sends its notifications. Each store stands for a separate edge. */

const keys = parseCallKeys(`s1:${randomBytes(32).toString('base64')}`);
let resources = new AsyncDisposableStack();
afterEach(async () => {
  await resources.disposeAsync();
  resources = new AsyncDisposableStack();
});

async function openStore(redisUrl = process.env['REDIS_URL'] ?? ''): Promise<EdgeStore> {
  return resources.adopt(await createEdgeStore({ redisUrl, keys }), (it) => it.close());
}

type TestStream = {
  role: SenderRole;
  /** The marks that the stream received each time it became the sender again. */
  marks: string[];
  changed(): Promise<unknown>;
};

/** Opens a stream that reports `mark` as what its client has received. */
async function open(store: EdgeStore, sessionId: string, mark: string, checkMs?: number): Promise<TestStream> {
  const marks: string[] = [];
  const events = new EventTarget();
  const onSender = (from: string) => {
    marks.push(from);
    events.dispatchEvent(new Event('sender'));
  };
  const role = await claimSenderRole(store, sessionId, { mark: () => mark, onSender, onEnded() {} }, checkMs);
  resources.defer(role.release);
  return { role, marks, changed: () => once(events, 'sender') };
}

const newSession = () => randomBytes(8).toString('hex');
const sending = (streams: TestStream[]) => streams.map(({ role }) => role.isOurs());

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

describe('among the streams of a session', () => {
  test('the newest sends; when it closes, one of the others continues from where it stopped', async () => {
    const [one, other] = [await openStore(), await openStore()];
    const id = newSession();
    const streams = [await open(one, id, 'a'), await open(one, id, 'b'), await open(other, id, 'c')];
    const newest = await open(other, id, 'd');
    await until(() => !sending(streams).includes(true));
    const taken = Promise.race(streams.map(({ changed }) => changed()));
    newest.role.release();
    await taken;
    // When this has arrived, everything that was sent before has arrived, too.
    const later = await open(one, id, 'e');
    await until(() => !sending(streams).includes(true));
    expect(streams.flatMap(({ marks }) => marks)).toEqual(['d']);
    expect(later.role.isOurs()).toBe(true);
  });

  test('closing a silent one changes nothing', async () => {
    const store = await openStore();
    const id = newSession();
    const silent = await open(store, id, 'a');
    const sender = await open(store, id, 'b');
    await until(() => !silent.role.isOurs());
    silent.role.release();
    await open(store, newSession(), 'x');
    expect([sender.role.isOurs(), sender.marks]).toEqual([true, []]);
  });

  test('one takes over when the edge of the newest disappears without notice', async () => {
    const [one, other] = [await openStore(), await openStore()];
    const id = newSession();
    const older = await open(one, id, 'a', 20);
    await open(other, id, 'b');
    await until(() => !older.role.isOurs());
    const taken = older.changed();
    await other.close();
    await taken;
    // It is unknown how much the other stream had sent, so nothing is omitted.
    expect([older.role.isOurs(), older.marks]).toEqual([true, ['a']]);
  });

  test('none takes over from one that is still there', async () => {
    const [one, other] = [await openStore(), await openStore()];
    const id = newSession();
    const older = await open(one, id, 'a', 20);
    const newer = await open(other, id, 'b', 20);
    let questions = 0;
    const answered = new Promise<void>((resolve) => {
      void one.listen(id, (text) => {
        if (text.includes('sought')) questions += 1;
        if (questions === 5) resolve();
      });
    });
    await answered;
    expect([sending([older, newer]), older.marks]).toEqual([[false, true], []]);
  });

  test('a single one sends once Redis is back, even if each was opened without knowing of the others', async () => {
    const redis = await startTestRedis({ appends: true });
    resources.use(redis);
    const [one, other] = [await openStore(redis.url), await openStore(redis.url)];
    await redis.kill();
    await until(() => !one.isReady() && !other.isReady());
    const id = newSession();
    const streams = [await open(one, id, 'a', 20), await open(other, id, 'b', 20)];
    expect(sending(streams)).toEqual([true, true]);
    await redis.start();
    await until(() => sending(streams).filter(Boolean).length === 1);
  });
});

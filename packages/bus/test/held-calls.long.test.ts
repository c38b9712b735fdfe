import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import {
  AppError,
  type CallEvent,
  type CallOrder,
  type InputRequest,
  type JsonObject,
  type Outcome,
  succeeded,
} from '@toolplane/contracts';
import { createCallCipher, parseCallKeys } from '@toolplane/sealing';
import { openAnswer, readAnswerMessage } from '../src/calls/answer-message.ts';
import { sealEvent } from '../src/calls/call-events.ts';
import type { HandleCall } from '../src/calls/deliver-call.ts';
import { readOrderMessage, sealOrder } from '../src/calls/order-message.ts';
import type { Caller, HeldCall } from '../src/index.ts';
import { channels, keys } from '../src/keys.ts';
import { failureOf, inMs, openBus, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

/* Calls that ask something of clients that cannot be asked while they wait, and that answer with another request. */

const NEVER = new AbortController().signal;
const question = (message: string): InputRequest => ({ method: 'elicitation/create', params: { message } });
const answers = (outcome: Outcome, give: (message: string) => JsonObject) => {
  if (outcome.outcome !== 'input_required') throw new Error(`it is ${JSON.stringify(outcome)}`);
  return Object.fromEntries(
    Object.entries(outcome.inputRequests).map(([key, { params }]) => [key, give(`${params['message']}`)]),
  );
};
const echo = (message: string) => ({ to: message });

type Sent = { outcome: Outcome; held: HeldCall | undefined };
type Request = Partial<Omit<Parameters<Caller['call']>[0], 'onHeld'>>;

async function send(caller: Caller, request: Request = {}): Promise<Sent> {
  let held: HeldCall | undefined;
  const outcome = await caller.call({
    tenant: 'a',
    body: 1,
    deadline: inMs(20_000),
    ...request,
    onHeld: (it) => {
      held = it;
    },
  });
  return { outcome, held };
}

async function goOn(
  caller: Caller,
  before: Sent,
  given = answers(before.outcome, echo),
  onEvent = (_: CallEvent) => {},
): Promise<Sent> {
  if (before.held === undefined) throw new Error('it is not held');
  let held: HeldCall | undefined;
  const outcome = await caller.goOn(before.held, {
    answers: given,
    onEvent,
    onHeld: (it) => {
      held = it;
    },
  });
  return { outcome, held };
}

/** Asks two questions at once, then a third one. */
const asking: HandleCall = async ({ ask, notify, leaveSlot }) => {
  leaveSlot();
  const both = await Promise.all([ask(question('1'), NEVER), ask(question('2'), NEVER)]);
  notify({ kind: 'progress', progress: 1 });
  return succeeded([...both, await ask(question('3'), NEVER)]);
};
/** Asks once. Its outcome is the answer, or the error that it gets instead. */
const askingOnce: HandleCall = async ({ ask, signal }) =>
  succeeded(await ask(question('1'), signal).catch(({ code, message }: AppError) => ({ code, message })));

test('a call that asks is held, and continues with the answers of another caller, round by round', async () => {
  await using bus = openBus();
  const [first, second] = [await bus.caller(), await bus.caller()];
  await bus.worker(asking);
  const asked = await send(first);
  expect(asked.outcome).toEqual({
    ok: true,
    outcome: 'input_required',
    inputRequests: { 'question-1': question('1'), 'question-2': question('2') },
  });
  const reported: CallEvent[] = [];
  const again = await goOn(second, asked, undefined, (event) => reported.push(event));
  expect(again.outcome).toMatchObject({ inputRequests: { 'question-3': question('3') } });
  // The call reports to the caller where its client is now.
  expect(reported).toEqual([{ kind: 'progress', progress: 1 }]);
  const { outcome, held } = await goOn(first, again);
  expect(outcome).toEqual(succeeded(['1', '2', '3'].map(echo)));
  expect(held).toBeUndefined();
  await bus.expectClean();
});

test('it keeps its lease throughout, and whoever hears the end releases it once', async () => {
  await using bus = openBus();
  const callers = [await bus.caller({ tenantInFlightMax: 1 }), await bus.caller({ tenantInFlightMax: 1 })] as const;
  await bus.worker(asking);
  const asked = await send(callers[0]);
  const refused = () => callers[1].call({ tenant: 'a', body: 2, deadline: inMs(5000) });
  expect(failureOf(await refused())).toBe('tenant_busy/not_started');
  const again = await goOn(callers[1], asked);
  expect(failureOf(await refused())).toBe('tenant_busy/not_started');
  await goOn(callers[0], again);
  await until(async () => (await bus.redis.exists(keys.tenantLeases(bus.queue, 'a'))) === 0);
  await bus.expectClean();
});

test('the caller that sent it need not exist any more', async () => {
  await using bus = openBus();
  const [first, second] = [await bus.caller(), await bus.caller()];
  await bus.worker(asking);
  const asked = await send(first);
  await first.close();
  expect((await goOn(second, await goOn(second, asked))).outcome).toEqual(succeeded(['1', '2', '3'].map(echo)));
});

test('questions left open are asked again, together with new ones', async () => {
  await using bus = openBus();
  const [first, second] = [await bus.caller(), await bus.caller()];
  await bus.worker(asking);
  const asked = await send(first);
  const again = await goOn(second, asked, { 'question-2': { to: 'two' }, other: {}, 'question-9': {} });
  expect(again.outcome).toMatchObject({ inputRequests: { 'question-1': question('1') } });
  expect(Object.keys(answers(again.outcome, echo))).toEqual(['question-1']);
  const last = await goOn(first, again);
  expect((await goOn(first, last)).outcome).toEqual(succeeded([{ to: '1' }, { to: 'two' }, { to: '3' }]));
});

test('answers to more than a call can ask, or to aliases of one question, do not block the valid answer', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  await bus.worker(askingOnce);
  const asked = await send(caller);
  const others = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`question-${at + 2}`, {}]));
  const aliases = { 'question-01': { to: 'alias' }, 'question-1.0': { to: 'alias' } };
  const ended = await goOn(caller, asked, { ...aliases, ...others, 'question-1': { to: 'one' } });
  expect(ended.outcome).toEqual(succeeded({ to: 'one' }));
  await bus.expectClean();
});

test('an answer that does not fit is refused and changes nothing: the client may answer again', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  await bus.worker(async ({ ask }) =>
    succeeded(
      await ask(question('1'), NEVER, ({ to }) => {
        if (to !== 'right') throw new AppError('invalid_input_response', 'It is not right');
      }),
    ),
  );
  const asked = await send(caller);
  const wrong = await goOn(caller, asked, { 'question-1': { to: 'wrong' } });
  expect(wrong.outcome).toMatchObject({
    ok: false,
    outcome: 'not_started',
    error: { code: 'invalid_input_response', message: 'It is not right' },
  });
  expect((await goOn(caller, asked, { 'question-1': { to: 'right' } })).outcome).toEqual(succeeded({ to: 'right' }));
  await bus.expectClean();
});

test('a call that ends while nobody listens leaves its outcome for the client that comes back', async () => {
  await using bus = openBus();
  const [first, second] = [await bus.caller(), await bus.caller()];
  const enough = new AbortController();
  await bus.worker(async ({ ask }) => {
    await ask(question('1'), enough.signal).catch(() => {});
    return succeeded('without an answer');
  });
  const asked = await send(first);
  await first.close();
  enough.abort(new AppError('cancelled', 'Enough'));
  const reply = keys.reply(bus.queue, asked.held?.callId ?? '');
  await until(async () => (await bus.redis.exists(reply)) === 1);
  // The reply is kept as long as the call could have run, plus a minute.
  expect(await bus.redis.pttl(reply)).toBeGreaterThan(65_000);
  expect((await goOn(second, asked)).outcome).toEqual(succeeded('without an answer'));
});

test('the call of a client that never comes back ends at its deadline, and whoever asks later is told so', async () => {
  await using bus = openBus();
  const [first, second] = [await bus.caller(), await bus.caller()];
  const ended = Promise.withResolvers<unknown>();
  await bus.worker(async (call) => {
    const outcome = await askingOnce(call);
    ended.resolve(outcome.ok && outcome.outcome === 'done' && outcome.value);
    return outcome;
  });
  const asked = await send(first, { deadline: inMs(1500) });
  expect(await ended.promise).toMatchObject({ code: 'deadline_exceeded' });
  expect((await goOn(second, asked)).outcome).toMatchObject({ value: { code: 'deadline_exceeded' } });
  await until(async () => (await bus.redis.zcount(keys.totalLeases(bus.queue), Date.now(), '+inf')) === 0);
});

test('a client that leaves while its call continues cancels it, like any other call', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const [running, stop] = [Promise.withResolvers<void>(), new AbortController()];
  await bus.worker(async ({ ask, signal }) => {
    await ask(question('1'), NEVER);
    running.resolve();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  const { outcome, held } = await send(caller);
  const call = caller.goOn(held as HeldCall, { answers: answers(outcome, echo), signal: stop.signal });
  await running.promise;
  stop.abort();
  expect(failureOf(await call)).toBe('cancelled/unknown');
  await bus.expectClean();
});

test('a worker that stops tells this to the client that comes back', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const worker = await bus.worker(asking);
  const asked = await send(caller);
  await worker.close({ graceMs: 0 });
  expect(failureOf((await goOn(caller, asked)).outcome)).toBe('shutting_down/unknown');
});

test('the loss of a killed worker is noticed long before the deadline', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const child = await bus.child();
  const asked = await send(caller, { body: { asks: true }, deadline: inMs(120_000) });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(failureOf((await goOn(caller, asked, {})).outcome)).toBe('worker_lost/unknown');
  await bus.expectClean();
}, 60_000);

test('at most ten calls of a tenant per worker wait for clients; questions of further calls are declined', async () => {
  await using bus = openBus();
  const caller = await bus.caller({ tenantInFlightMax: 50 });
  await bus.worker(askingOnce);
  const held = await Promise.all(Array.from({ length: 10 }, () => send(caller)));
  expect(held.map(({ outcome }) => outcome.outcome)).toEqual(held.map(() => 'input_required'));
  const message = 'Too many calls are waiting for answers of their clients';
  expect((await send(caller)).outcome).toEqual(succeeded({ code: 'input_declined', message }));
  expect((await send(caller, { tenant: 'b' })).outcome.outcome).toBe('input_required');
  const [one] = held;
  expect((await goOn(caller, one as Sent)).outcome).toEqual(succeeded({ to: '1' }));
  expect((await send(caller)).outcome.outcome).toBe('input_required');
});

test('at most twice as many calls of an organization wait for clients as run at once, and some of others still may (T38)', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  await bus.worker(
    async (call) => {
      call.leaveSlot();
      return askingOnce(call);
    },
    { concurrency: 1 },
  );
  const organization = 'crowd';
  const declined = { value: { code: 'input_declined' } };
  for (const tenant of ['a', 'b']) {
    expect((await send(caller, { tenant, organization })).outcome.outcome).toBe('input_required');
  }
  expect((await send(caller, { tenant: 'c', organization })).outcome).toMatchObject(declined);
  expect((await send(caller, { tenant: 'd' })).outcome.outcome).toBe('input_required');
  expect((await send(caller, { tenant: 'e' })).outcome).toMatchObject(declined);
});

test('a worker of an earlier release holds no calls: its questions are declined, and the call continues', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const cipher = createCallCipher(parseCallKeys(bus.keyText));
  // The caller is ready before it has subscribed.
  let replies = '';
  await until(async () => {
    [replies = ''] = (await bus.redis.pubsub('CHANNELS', channels.replies(bus.queue, '*'))) as string[];
    return replies !== '';
  });
  const replyTo = replies.split(':').at(-1) ?? '';
  const reported = Promise.withResolvers<unknown>();
  const listener = bus.redis.duplicate();
  await listener.subscribe(channels.answers(bus.queue, 'old'));
  await bus.worker(async ({ callId, tenant }) => {
    const routing = { queue: bus.queue, callId, tenant, replyTo };
    listener.on('message', (_channel, message: string) => {
      // The earlier release only knows answers.
      const { id } = readAnswerMessage(message);
      if (id === 1) reported.resolve(openAnswer(cipher, routing, readAnswerMessage(message)).kind);
    });
    const event = { kind: 'ask', id: 1, answerTo: 'old', request: question('1') } as const;
    await bus.redis.publish(replies, sealEvent(cipher, routing, 1, event));
    return succeeded(`${await reported.promise}`);
  });
  const { outcome, held } = await send(caller);
  listener.disconnect();
  expect([outcome, held]).toEqual([succeeded('declined'), undefined]);
});

describe('an order that no caller gave for that round of that call is dropped:', () => {
  const order: CallOrder = { kind: 'go_on', hearer: 'other', answers: [] };

  test.each<[string, (seal: typeof sealOrder, bus: TestBus, held: HeldCall) => string]>([
    ['forged', (_seal, _bus, { callId }) => `${callId} r2 k1.AAAA`],
    [
      'of another call',
      (seal, bus, held) => {
        const cipher = createCallCipher(parseCallKeys(bus.keyText));
        return seal(cipher, { ...held, callId: 'other', queue: bus.queue }, 2, order).replace('other', held.callId);
      },
    ],
    [
      'of another round',
      (seal, bus, held) => {
        const cipher = createCallCipher(parseCallKeys(bus.keyText));
        return seal(cipher, { ...held, queue: bus.queue }, 3, order).replace(' r3 ', ' r2 ');
      },
    ],
    [
      'of another tenant',
      (seal, bus, held) => {
        const cipher = createCallCipher(parseCallKeys(bus.keyText));
        return seal(cipher, { ...held, tenant: 'b', queue: bus.queue }, 2, order);
      },
    ],
  ])('%s (T33)', async (_name, forge) => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker(askingOnce);
    const asked = await send(caller);
    const held = asked.held as HeldCall;
    const forged = forge(sealOrder, bus, held);
    expect(readOrderMessage(forged)).toMatchObject({ callId: held.callId, round: 2 });
    await bus.redis.publish(channels.answers(bus.queue, held.worker), forged);
    await until(() => bus.events.some(({ type }) => type === 'answer_rejected'));
    expect((await goOn(caller, asked)).outcome).toEqual(succeeded({ to: '1' }));
  });
});

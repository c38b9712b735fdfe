import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { AppError, type InputRequest, type JsonObject, questionLimits, succeeded } from '@toolplane/contracts';
import { createCallCipher, parseCallKeys } from '@toolplane/sealing';
import { sealAnswer } from '../src/calls/answer-message.ts';
import type { HandleCall } from '../src/calls/deliver-call.ts';
import type { ReplyRouting } from '../src/calls/envelope.ts';
import { channels } from '../src/keys.ts';
import { openLink } from './tcp-link.ts';
import { failureOf, inMs, openBus, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

/* What a call asks of the client behind it while it runs, and how that ends. */

const NEVER = new AbortController().signal;
const question = (message: string): InputRequest => ({ method: 'elicitation/create', params: { message } });
const waitFor = (signal: AbortSignal) =>
  new Promise<JsonObject>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** Asks once, and returns the answer. */
const asking: HandleCall = async ({ ask, body }) => {
  try {
    return succeeded(await ask(question(`${body}`), NEVER));
  } catch (thrown) {
    const { code, message } = thrown as AppError;
    return succeeded({ code, message });
  }
};

/** Records what every authorized listener receives. */
async function intercept(bus: TestBus, channel: string): Promise<{ channel: string; message: string }[]> {
  const received: { channel: string; message: string }[] = [];
  const listener = bus.redis.duplicate();
  listener.on('pmessage', (_pattern, from: string, message: string) => received.push({ channel: from, message }));
  await listener.psubscribe(channel);
  bus.redis.once('end', () => listener.disconnect());
  return received;
}

test('a question of a running call is answered by its own caller, for many calls at once', async () => {
  await using bus = openBus();
  const callers = await Promise.all([bus.caller(), bus.caller()]);
  await bus.worker(asking);
  await bus.worker(asking);
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, body) =>
      callers[body % 2]?.call({
        tenant: 'a',
        body,
        deadline: inMs(10_000),
        onQuestion: async ({ method, params }) => ({ method, received: params['message'] ?? null, by: body % 2 }),
      }),
    ),
  );
  const expected = (body: number) => ({ method: 'elicitation/create', received: `${body}`, by: body % 2 });
  expect(answers).toEqual(Array.from({ length: 12 }, (_, body) => succeeded(expected(body))));
  await bus.expectClean();
});

test('question and answer are sealed, go to one worker only, and leave no key in Redis (T33)', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  await bus.worker(asking);
  const [replies, answers] = [
    await intercept(bus, channels.replies(bus.queue, '*')),
    await intercept(bus, channels.answers(bus.queue, '*')),
  ];
  const [callId, onQuestion] = [randomUUID(), async () => ({ secret: 'canary-of-the-answer' })];
  await caller.call({ callId, tenant: 'a', body: 'canary-of-the-question', deadline: inMs(10_000), onQuestion });
  await until(() => answers.length === 1 && replies.some(({ message }) => message.startsWith(callId)));
  expect(JSON.stringify([replies, answers])).not.toMatch(/canary|elicitation/);
  await until(async () => (await bus.redis.keys(`*${callId}*`)).length === 2);
});

test('what nobody can or wants to answer is declined', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  await bus.worker(asking);
  const call = { tenant: 'a', body: 1, deadline: inMs(10_000) };
  const unanswered = { code: 'input_declined', message: 'There is nobody to ask' };
  expect(await caller.call(call)).toEqual(succeeded(unanswered));
  const onQuestion = async () => Promise.reject(new AppError('input_declined', 'Not today'));
  expect(await caller.call({ ...call, onQuestion })).toEqual(
    succeeded({ code: 'input_declined', message: 'Not today' }),
  );
  const large = async () => ({ text: 'x'.repeat(questionLimits.answerBytesMax) });
  expect(await caller.call({ ...call, onQuestion: large })).toMatchObject({ value: { code: 'input_declined' } });
});

test('a call cannot ask more often, or more at once, than the limits allow (B118)', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  let asked = 0;
  await bus.worker(async ({ ask }) => {
    const ends: (string | undefined)[] = [];
    for (const request of [
      question('x'.repeat(questionLimits.bytesMax)),
      ...Array.from({ length: questionLimits.perCall + 1 }, () => question('again')),
    ]) {
      ends.push(
        await ask(request, NEVER).then(
          () => undefined,
          (thrown) => thrown.code,
        ),
      );
    }
    return succeeded([ends[0] ?? null, ends.at(-1) ?? null]);
  });
  const onQuestion = async () => {
    asked += 1;
    return {};
  };
  expect(await caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000), onQuestion })).toEqual(
    succeeded(['payload_too_large', 'loop_limit']),
  );
  expect(asked).toBe(questionLimits.perCall);
});

describe('an answer that the caller of the call did not give to that question is dropped:', () => {
  const genuine = (bus: TestBus, routing: Partial<ReplyRouting>, id: number) => {
    const cipher = createCallCipher(parseCallKeys(bus.keyText));
    const full = { queue: bus.queue, callId: '', tenant: 'a', replyTo: '', ...routing };
    return sealAnswer(cipher, full, id, { kind: 'answered', result: { forged: true } });
  };
  type Known = { callId: string; replyTo: string };

  test.each<[string, (bus: TestBus, known: Known) => string]>([
    ['forged', (_bus, { callId }) => `${callId} 1 k1.AAAA`],
    ['with nothing sealed', (_bus, { callId }) => `${callId} 1 `],
    ['of another tenant', (bus, known) => genuine(bus, { ...known, tenant: 'b' }, 1)],
    ['of another caller', (bus, { callId }) => genuine(bus, { callId, replyTo: 'other' }, 1)],
    ['of another call', (bus, known) => genuine(bus, { ...known, callId: 'other' }, 1).replace('other', known.callId)],
    ['to another question', (bus, known) => genuine(bus, known, 9).replace(' 9 ', ' 1 ')],
    [
      'sealed as a reply',
      (bus, { callId, replyTo }) => {
        const aad = JSON.stringify([bus.queue, callId, 'a', replyTo, 1]);
        const cipher = createCallCipher(parseCallKeys(bus.keyText));
        const answer = JSON.stringify({ kind: 'answered', result: {} });
        return `${callId} 1 ${cipher.seal({ purpose: 'reply', party: replyTo, aad }, answer)}`;
      },
    ],
  ])('%s (T33)', async (_name, forge) => {
    await using bus = openBus();
    const caller = await bus.caller();
    const replies = await intercept(bus, channels.replies(bus.queue, '*'));
    const answers = await intercept(bus, channels.answers(bus.queue, '*'));
    await bus.worker(async ({ ask }) => succeeded([await ask(question('1'), NEVER), await ask(question('2'), NEVER)]));
    const [callId, goOn] = [randomUUID(), Promise.withResolvers<void>()];
    let asked = 0;
    const onQuestion = async () => {
      asked += 1;
      if (asked === 2) await goOn.promise;
      return { asked };
    };
    const call = caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(10_000), onQuestion });
    await until(() => asked === 2 && replies.length >= 2 && answers.length === 1);
    const [first] = answers;
    const replyTo = replies[0]?.channel.split(':').at(-1) ?? '';
    const forged = forge(bus, { callId, replyTo });
    // Sent to both questions: to the answered one, where the genuine answer is repeated as well, and to the open one.
    for (const text of [first?.message ?? '', forged, forged.replace(' 1 ', ' 2 ')]) {
      await bus.redis.publish(first?.channel ?? '', text);
    }
    await until(() => bus.events.some((event) => event.type === 'answer_rejected'));
    goOn.resolve();
    expect(await call).toEqual(succeeded([{ asked: 1 }, { asked: 2 }]));
  });
});

test('a call that is cancelled no longer asks anybody: its caller and its handler are told', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const [stop, ends] = [new AbortController(), [] as unknown[]];
  const withdrawn = Promise.withResolvers<unknown>();
  await bus.worker(async ({ ask }) => {
    await ask(question('1'), NEVER).catch((thrown) => ends.push(thrown.code));
    return succeeded(1);
  });
  const onQuestion = (_request: InputRequest, signal: AbortSignal) => {
    signal.addEventListener('abort', () => withdrawn.resolve(signal.reason.code));
    stop.abort();
    return waitFor(signal);
  };
  const call = { tenant: 'a', body: 1, deadline: inMs(10_000), signal: stop.signal, onQuestion };
  expect(failureOf(await caller.call(call))).toBe('cancelled/unknown');
  expect(await withdrawn.promise).toBe('cancelled');
  await until(() => ends.length === 1);
  expect(ends).toEqual(['cancelled']);
});

test('a question that its handler takes back is withdrawn, and the call continues', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const [asked, withdrawn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await bus.worker(async ({ ask }) => {
    const enough = new AbortController();
    const answer = ask(question('1'), enough.signal).catch((thrown) => thrown.message);
    await asked.promise;
    enough.abort(new AppError('cancelled', 'Enough'));
    await withdrawn.promise;
    return succeeded(await answer);
  });
  const onQuestion = (_request: InputRequest, signal: AbortSignal) => {
    signal.addEventListener('abort', () => withdrawn.resolve());
    asked.resolve();
    return waitFor(signal);
  };
  const outcome = await caller.call({ tenant: 'a', body: 1, deadline: inMs(10_000), onQuestion });
  expect(outcome).toEqual(succeeded('Enough'));
});

test('a question ends with the deadline of its call', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const withdrawn = Promise.withResolvers<void>();
  await bus.worker(asking);
  const onQuestion = (_request: InputRequest, signal: AbortSignal) => {
    signal.addEventListener('abort', () => withdrawn.resolve());
    return waitFor(signal);
  };
  const outcome = await caller.call({ tenant: 'a', body: 1, deadline: inMs(1500), onQuestion });
  expect(outcome).toMatchObject({ value: { code: 'deadline_exceeded' } });
  await withdrawn.promise;
});

test('a question whose caller is lost is declined, long before the deadline', async () => {
  await using bus = openBus();
  const port = Number(new URL(bus.redisUrl).port);
  await using link = await openLink(port);
  const caller = await bus.caller({
    redisUrl: Object.assign(new URL(bus.redisUrl), { port: new URL(link.url).port }).href,
  });
  const ended = Promise.withResolvers<string>();
  await bus.worker(async ({ ask }) => {
    await ask(question('1'), NEVER).catch((thrown) => ended.resolve(thrown.message));
    return succeeded(1);
  });
  const asked = Promise.withResolvers<void>();
  const onQuestion = (_request: InputRequest, signal: AbortSignal) => {
    asked.resolve();
    return waitFor(signal);
  };
  const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(60_000), onQuestion });
  await asked.promise;
  link.leadTo(1);
  expect(await ended.promise).toBe('There is no longer anybody to ask');
  link.leadTo(port);
  expect(await call).toEqual(succeeded(1));
});

test('a question is put once, however often it is delivered, and a lost answer is sent again', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const replies = await intercept(bus, channels.replies(bus.queue, '*'));
  await bus.worker(asking);
  let asked = 0;
  const goOn = Promise.withResolvers<void>();
  const onQuestion = async () => {
    asked += 1;
    await goOn.promise;
    return { asked };
  };
  const callId = randomUUID();
  const call = caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(30_000), onQuestion });
  await until(() => replies.filter(({ message }) => message.startsWith(`+${callId}`)).length >= 2);
  goOn.resolve();
  expect(await call).toEqual(succeeded({ asked: 1 }));
  expect(asked).toBe(1);
});

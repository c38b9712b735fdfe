import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { InputRequest, Json, JsonObject, Outcome, Plan } from '@toolplane/contracts';
import { planOf, questionsOf } from '../../test/plan.ts';
import { internalErrors, runTool, type ToolRun } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

/** Echoes what it received. */
let api: Upstream;
beforeAll(async () => {
  api = await startUpstream((request, response) => json({ url: request.url })(request, response));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  api.seen.length = 0;
  expect(internalErrors).toEqual([]);
});

const seats = { type: 'object', properties: { seats: { type: 'integer', minimum: 1 } }, required: ['seats'] };

function form(message: string, requestedSchema: JsonObject = seats): InputRequest {
  return { method: 'elicitation/create', params: { message, requestedSchema } };
}

function page(url: string): InputRequest {
  return { method: 'elicitation/create', params: { mode: 'url', message: 'Please sign in', url } };
}

function sample(text: string): InputRequest {
  const messages = [{ role: 'user', content: { type: 'text', text } }];
  return { method: 'sampling/createMessage', params: { messages, maxTokens: 50 } };
}

const roots: InputRequest = { method: 'roots/list', params: {} };
const sampled = (text: string) => ({ role: 'assistant', content: { type: 'text', text }, model: 'm' });

function asking(...rounds: Parameters<typeof questionsOf>): Plan {
  const outputs = { answers: '$answers' };
  return planOf([{ id: 's', url: `${api.url}/x` }], outputs, questionsOf(...rounds));
}

/** Behaves like a client with all capabilities: repeats the call with the answers to the questions. */
async function runWith(plan: Plan, responses: Record<string, Json>, run: ToolRun = {}): Promise<Outcome> {
  const abilities: ToolRun['abilities'] = ['elicitation', 'elicitation.url', 'sampling', 'roots'];
  return runTool(plan, { abilities, ...run, inputResponses: responses });
}

function stateOf(outcome: Outcome): string {
  return 'state' in outcome ? (outcome.state ?? '') : '';
}

function invalid(violation: object) {
  const error = { code: 'invalid_input_response', details: [expect.objectContaining(violation)] };
  return { ok: false, outcome: 'not_started', error: expect.objectContaining(error) };
}

describe('before the first step', () => {
  test('all questions of a round are asked together, with the values that the call knows', async () => {
    const plan = asking({ seats: form('How many seats to $inputs.city?'), folders: roots, summary: sample('Sum up') });
    const outcome = await runWith(plan, {}, { inputs: { city: 'Lyon' } });
    expect(outcome).toEqual({
      ok: true,
      outcome: 'input_required',
      inputRequests: { seats: form('How many seats to Lyon?'), folders: roots, summary: sample('Sum up') },
      state: '{"answers":{}}',
    });
    expect(api.seen).toEqual([]);
  });

  test('the answers are used as they are, and then the steps run', async () => {
    const plan = asking({
      seats: form('How many?'),
      where: page('https://a.test/'),
      folders: roots,
      text: sample('?'),
    });
    const responses = {
      seats: { action: 'accept', content: { seats: 2 } },
      where: { action: 'accept' },
      folders: { roots: [{ uri: 'file:///a', name: 'a' }] },
      text: { ...sampled('yes'), stopReason: 'endTurn' },
      unknown: { action: 'accept' },
    };
    const { unknown: _, ...answers } = responses;
    expect(await runWith(plan, responses)).toEqual({ ok: true, outcome: 'done', value: { answers } });
    expect(api.seen).toHaveLength(1);
  });

  test('a plan without steps may ask', async () => {
    const plan = planOf([], { seats: '$answers.seats.content.seats' }, questionsOf({ seats: form('How many?') }));
    const responses = { seats: { action: 'accept', content: { seats: 2 } } };
    expect(await runWith(plan, responses)).toEqual({ ok: true, outcome: 'done', value: { seats: 2 } });
  });

  test('only what is still missing is asked again', async () => {
    const plan = asking({ seats: form('How many?'), folders: roots });
    const outcome = await runWith(plan, { folders: { roots: [] } });
    expect(outcome).toMatchObject({ outcome: 'input_required', inputRequests: { seats: {} } });
    expect(outcome).not.toHaveProperty('inputRequests.folders');
    const responses = { seats: { action: 'accept', content: { seats: 1 } } };
    expect(await runWith(plan, responses, { state: stateOf(outcome) })).toMatchObject({
      value: { answers: { folders: { roots: [] }, seats: responses.seats } },
    });
  });
});

describe('rounds', () => {
  const rounds = () => asking({ first: sample('One') }, { second: sample('You said $answers.first.content.text') });

  test('a later one sees the answers of the earlier ones', async () => {
    const first = await runWith(rounds(), { first: sampled('1') });
    expect(first).toMatchObject({ inputRequests: { second: sample('You said 1') } });
    expect(await runWith(rounds(), { second: sampled('2') }, { state: stateOf(first) })).toMatchObject({
      value: { answers: { first: sampled('1'), second: sampled('2') } },
    });
  });

  test('without a state, answers count for the first round, whether or not it was asked', async () => {
    expect(await runWith(asking({ first: sample('One') }), { first: sampled('1') })).toMatchObject({
      value: { answers: { first: sampled('1') } },
    });
  });

  test('answers of a later round do not count before that round is asked', async () => {
    const both = { first: sampled('1'), second: sampled('2') };
    expect(await runWith(rounds(), both)).toMatchObject({ inputRequests: { second: sample('You said 1') } });
    expect(api.seen).toEqual([]);
  });

  test('one that asks nothing of this client is skipped', async () => {
    const plan = asking({ folders: { ...roots, isOptional: true } }, { text: sample('?') });
    const run: ToolRun = { abilities: ['sampling'] };
    const first = await runWith(plan, {}, run);
    expect(first).toMatchObject({ inputRequests: { text: sample('?') } });
    expect(await runWith(plan, { text: sampled('!') }, { ...run, state: stateOf(first) })).toMatchObject({
      value: { answers: { folders: null, text: sampled('!') } },
    });
  });
});

describe('a client that cannot be asked', () => {
  test.each<[string, InputRequest, JsonObject]>([
    ['a form', form('?'), { elicitation: {} }],
    ['a page', page('https://a.test/'), { elicitation: { url: {} } }],
    ['a model', sample('?'), { sampling: {} }],
    ['folders', roots, { roots: {} }],
  ])(
    'for %s: the missing capability is named, nothing is asked or sent',
    async (_name, request, requiredCapabilities) => {
      const outcome = await runWith(asking({ q: request }), { q: { action: 'accept' } }, { abilities: [] });
      expect(outcome).toMatchObject({
        ok: false,
        outcome: 'not_started',
        error: { code: 'client_capability_missing', details: { requiredCapabilities } },
      });
      expect(api.seen).toEqual([]);
    },
  );

  test('is not asked in vain: the questions of later rounds count from the start', async () => {
    const plan = asking({ text: sample('?') }, { seats: form('?') });
    expect(await runWith(plan, {}, { abilities: ['sampling'] })).toMatchObject({
      error: { code: 'client_capability_missing' },
    });
  });

  test('gets null for an optional question', async () => {
    const plan = asking({ seats: { ...form('?'), isOptional: true } });
    expect(await runTool(plan)).toMatchObject({ ok: true, value: { answers: { seats: null } } });
  });
});

describe('a form', () => {
  test.each<[Json, object]>([
    [
      { action: 'accept', content: { seats: 0 } },
      { path: '/content/seats', rule: 'minimum' },
    ],
    [
      { action: 'accept', content: { seats: 'two' } },
      { path: '/content/seats', rule: 'type' },
    ],
    [
      { action: 'accept', content: {} },
      { path: '/content', rule: 'required' },
    ],
    [{ action: 'accept' }, { path: '/content', rule: 'required' }],
    [{ action: 'agree', content: { seats: 1 } }, { path: '/action' }],
    [{ action: 'accept', content: [1] }, { path: '/content' }],
    ['accept', { path: '' }],
    [null, { path: '' }],
  ])('filled in with %j is refused with place and rule', async (response, violation) => {
    expect(await runWith(asking({ q: form('?') }), { q: response })).toEqual(invalid(violation));
    expect(api.seen).toEqual([]);
  });

  test('is not quoted when it is refused', async () => {
    const responses = { q: { action: 'accept', content: { seats: 'my-private-words' } } };
    expect(JSON.stringify(await runWith(asking({ q: form('?') }), responses))).not.toContain('private');
  });

  test('has only its own fields', async () => {
    const content = { seats: 2, admin: true, extra: { deep: 1 } };
    expect(await runWith(asking({ q: form('?') }), { q: { action: 'accept', content, more: 1 } })).toMatchObject({
      value: { answers: { q: { action: 'accept', content: { seats: 2 } } } },
    });
    const outcome = await runWith(asking({ q: form('?') }), { q: { action: 'accept', content } });
    expect(JSON.stringify(outcome)).not.toMatch(/admin|extra/);
  });

  test('gets its defaults', async () => {
    const schema = { type: 'object', properties: { class: { type: 'string', default: 'second' } } };
    const outcome = await runWith(asking({ q: form('?', schema) }), { q: { action: 'accept', content: {} } });
    expect(outcome).toMatchObject({ value: { answers: { q: { action: 'accept', content: { class: 'second' } } } } });
  });

  test.each([
    ['decline', 'declined'],
    ['cancel', 'cancelled'],
  ])('refused by the user (%s) ends the call without sending anything', async (action, said) => {
    const outcome = await runWith(asking({ seats: form('?') }), { seats: { action, content: null } });
    expect(outcome).toEqual({
      ok: false,
      outcome: 'not_started',
      error: { code: 'input_declined', message: `The user ${said} what the tool asked for: seats` },
    });
    expect(api.seen).toEqual([]);
  });

  test('that is optional can be refused, and its content is not used', async () => {
    const plan = asking({ seats: { ...form('?'), isOptional: true } });
    const outcome = await runWith(plan, { seats: { action: 'decline', content: { seats: 1 } } });
    expect(outcome).toMatchObject({ value: { answers: { seats: { action: 'decline' } } } });
    expect(outcome).not.toHaveProperty('value.answers.seats.content');
  });
});

describe('an answer that is not a valid sample or folder list is refused', () => {
  test.each<[InputRequest, Json, string]>([
    [sample('?'), { role: 'system', content: { type: 'text', text: '' } }, '/role'],
    [sample('?'), { role: 'assistant', content: 'text' }, '/content'],
    [sample('?'), { action: 'accept' }, '/role'],
    [roots, { roots: [{ name: 'a' }] }, '/roots/0/uri'],
    [roots, [], ''],
  ])('%j: %j', async (request, response, path) => {
    expect(await runWith(asking({ q: request }), { q: response })).toMatchObject({
      error: { code: 'invalid_input_response', details: expect.arrayContaining([expect.objectContaining({ path })]) },
    });
  });
});

test('at most 50 violations are reported', async () => {
  const response = { roots: Array.from({ length: 1000 }, () => ({})) };
  const outcome = await runWith(asking({ q: roots }), { q: response });
  expect(outcome).toMatchObject({ error: { code: 'invalid_input_response' } });
  expect(outcome).toHaveProperty('error.details.length', 50);
});

describe('the state of earlier rounds', () => {
  test.each(['', 'x', '[]', '{}', '{"answers":[]}', '{"answers":{},"more":1}'])(
    'in another form is refused: %j',
    async (state) => {
      expect(await runWith(asking({ q: roots }), { q: { roots: [] } }, { state })).toMatchObject({
        ok: false,
        outcome: 'not_started',
        error: { code: 'invalid_input_response', message: 'The state of the call does not belong to this tool' },
      });
    },
  );

  test('gives no special meaning to the names of object members', async () => {
    const plan = asking({ constructor: roots });
    const state = '{"answers":{"__proto__":{"polluted":true}}}';
    expect(await runWith(plan, {}, { state })).toMatchObject({ outcome: 'input_required' });
    expect(({} as JsonObject)['polluted']).toBeUndefined();
  });

  test.each<[string, Parameters<typeof questionsOf>, number]>([
    ['before another round', [{ a: sample('?') }, { folders: roots }], 65_536],
    ['in the last round', [{ a: sample('?') }], 65_536],
    ['together', [{ a: sample('?'), b: sample('?') }], 32_768],
    ['while more is to be asked', [{ a: sample('?'), b: sample('?'), folders: roots }], 32_768],
  ])('never contains more than 64 KiB of answers: %s', async (_name, rounds, length) => {
    const text = sampled('x'.repeat(length));
    expect(await runWith(asking(...rounds), { a: text, b: text })).toMatchObject({
      ok: false,
      outcome: 'not_started',
      error: { code: 'invalid_input_response', message: 'The answers have more than 65536 bytes in total' },
    });
    expect(api.seen).toEqual([]);
  });
});

describe('an answer is a value of the call like an argument', () => {
  test.each(['$secrets.KEY', '{$inputs.city}', '${7*7}', '&admin=1'])(
    'is never read as an expression: %s',
    async (said) => {
      const plan = planOf(
        [{ id: 's', url: `${api.url}/x`, query: { q: 'is $answers.text.content.text' } }],
        { said: '$answers.text.content.text' },
        questionsOf({ text: sample('?') }),
      );
      expect(await runWith(plan, { text: sampled(said) })).toMatchObject({ value: { said } });
      expect(new URL(api.seen[0]?.url ?? '', api.url).searchParams.getAll('q')).toEqual([`is ${said}`]);
    },
  );

  test('cannot name a host unless the server allows it', async () => {
    const plan = planOf([{ url: '$answers.text.content.text' }], {}, questionsOf({ text: sample('?') }));
    expect(await runWith(plan, { text: sampled(`${api.url}/x`) })).toMatchObject({ error: { code: 'egress_denied' } });
    expect(api.seen).toEqual([]);
  });
});

describe('a question', () => {
  test('that repeats far too much data is not asked', async () => {
    const plan = asking({ q: sample('{$inputs.text}'.repeat(100)) });
    expect(await runWith(plan, {}, { inputs: { text: 'x'.repeat(500_000) } })).toMatchObject({
      ok: false,
      outcome: 'not_started',
      error: { code: 'output_too_large', message: 'The questions of the tool are far too large' },
    });
  });

  test('that has no value for its text is not asked', async () => {
    expect(await runWith(asking({ q: form('$inputs.gone') }), {})).toMatchObject({
      ok: false,
      outcome: 'not_started',
      error: {
        code: 'expression_failed',
        message: 'An expression of the tool returns no value for questions/q/message',
      },
    });
    expect(await runWith(asking({ q: sample('$inputs.gone') }), {})).toMatchObject({
      error: { message: 'An expression of the tool returns no value for questions/q/messages/0/content/text' },
    });
  });

  test('masks what the caller sends along for upstreams; its schema is the document’s', async () => {
    const caller = { token: 'eyJ.canary.token', config: { stage: 'production' } };
    const schema = { type: 'object', properties: { stage: { type: 'string', enum: ['production', 'test'] } } };
    const plan = asking({ q: form('As $current_user.token on $config.stage?', schema) });
    expect(await runWith(plan, {}, { caller })).toMatchObject({
      inputRequests: { q: form('As [secret:current_user.token] on [secret:config.stage]?', schema) },
    });
  });
});

test('without questions there are no answers, whatever the caller sends', async () => {
  const plan = planOf([], { answers: '$answers' });
  const run = { inputResponses: { q: 1 }, state: '{"answers":{"q":1}}', abilities: [] };
  expect(await runTool(plan, run)).toEqual({ ok: true, outcome: 'done', value: { answers: null } });
});

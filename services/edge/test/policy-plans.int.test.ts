import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Manifest, succeeded } from '@toolplane/contracts';
import { ask, type ModernOptions } from './modern-client.ts';
import { policyOf } from './policies.ts';
import { startTestEdge, type TestEdge } from './test-edge.ts';

/* Policies also apply to prompts and resources, because these run steps, too. */

let edge: TestEdge;
beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.approvalRequests.length = 0;
  edge.handle = async () => succeeded(null, [{ type: 'text', text: 'a' }]);
});

const plan = { planDigest: 'd1', deadlineMs: 20_000, isRepeatable: true };
const completion = { planDigest: 'd2', deadlineMs: 20_000 };
const offered: Partial<Manifest> = {
  prompts: [{ name: 'greet', arguments: [{ name: 'who' }], completion, ...plan }],
  resources: [{ uri: 'file:///a', name: 'a', isReadOnly: true, ...plan }],
  resourceTemplates: [{ uriTemplate: 'file:///of/{id}', name: 'of', variables: [{ name: 'id' }], completion, ...plan }],
};
const publish = (policy: Parameters<typeof policyOf>[0]) =>
  edge.publishServer({ ...offered, policy: policyOf(policy) });

const requests: [string, string, Record<string, unknown>][] = [
  ['a prompt', 'prompts/get', { name: 'greet', arguments: { who: 'ada' } }],
  ['a resource', 'resources/read', { uri: 'file:///a' }],
  ['a resource of a template', 'resources/read', { uri: 'file:///of/1' }],
];
/** The key of the current test; each test has one, because limits are counted per key. */
let key: string;
beforeEach(async () => {
  ({ key } = await edge.publishKey({}));
});
const send = (method: string, params: Record<string, unknown>, options: ModernOptions = {}) =>
  ask(edge, method, params, { key, ...options });

describe.each(requests)('%s (T57)', (_what, method, params) => {
  test('runs only if the policy lets it, by its name, by its hints and by its arguments', async () => {
    await publish({ unmatched: 'deny' });
    expect((await send(method, params)).error).toMatchObject({ code: 1403, data: { code: 'policy_denied' } });
    expect(edge.calls).toEqual([]);
    const names = ['prompt:gr*', 'resource:file:///*'];
    await publish({ unmatched: 'deny', rules: [{ id: 'named', effect: 'allow', tools: { names } }] });
    expect((await send(method, params)).error).toBeUndefined();
    const readOnly = { annotations: { readOnlyHint: true } };
    await publish({ unmatched: 'deny', rules: [{ id: 'reads', effect: 'allow', tools: readOnly }] });
    expect((await send(method, params)).error === undefined).toBe(params['uri'] === 'file:///a');
  });

  test('counts towards limits', async () => {
    await publish({ limits: [{ id: 'one', per: 'caller', calls: { max: 1, seconds: 600 } }] });
    expect((await send(method, params)).error).toBeUndefined();
    expect((await send(method, params)).error).toMatchObject({ data: { code: 'rate_limited' } });
    expect(edge.calls).toHaveLength(1);
  });

  test('runs after the person behind the client has approved it', async () => {
    await publish({ rules: [{ id: 'person', effect: 'approve', approval: { by: 'user' } }] });
    const options = { capabilities: { elicitation: {} } };
    const { result } = await send(method, params, options);
    expect(result).toMatchObject({ resultType: 'input_required', inputRequests: { approval: {} } });
    expect(edge.calls).toEqual([]);
    const inputResponses = { approval: { action: 'accept', content: { allow: true } } };
    const retried = { ...params, requestState: result.requestState, inputResponses };
    expect((await send(method, retried, options)).error).toBeUndefined();
    expect(edge.calls).toHaveLength(1);
  });

  test('waits for the approval of the workspace, with its name', async () => {
    await publish({ rules: [{ id: 'large', effect: 'approve', approval: { by: 'workspace' } }] });
    expect((await send(method, params)).error).toMatchObject({ data: { code: 'approval_required' } });
    expect(edge.approvalRequests).toMatchObject([
      { ruleId: 'large', tool: expect.stringMatching(/^(?:prompt:greet|resource:file)/) },
    ]);
    expect(edge.calls).toEqual([]);
  });
});

test.each([
  ['a prompt', 'prompt:greet', { type: 'ref/prompt', name: 'greet' }, 'who'],
  ['a resource of a template', 'resource:file:///of/{id}', { type: 'ref/resource', uri: 'file:///of/{id}' }, 'id'],
])(
  '%s that the policy refuses whatever its arguments are is not completed either (T57)',
  async (_what, plan, ref, name) => {
    edge.handle = async () => succeeded({ values: ['ada'] });
    const complete = () => send('completion/complete', { ref, argument: { name, value: 'a' } });
    const deny = { id: 'off', effect: 'deny' as const, tools: { names: [plan] } };
    await publish({ rules: [deny] });
    expect((await complete()).error).toMatchObject({ code: 1403, data: { code: 'policy_denied' } });
    expect(edge.calls).toEqual([]);
    await publish({ rules: [{ ...deny, arguments: { properties: { [name]: { const: 'bob' } } } }] });
    expect((await complete()).result).toMatchObject({ completion: { values: ['ada'] } });
  },
);

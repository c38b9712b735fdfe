import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { succeeded, type ToolCall } from '@toolplane/contracts';
import { ask } from './modern-client.ts';
import { listTools, policyOf } from './policies.ts';
import { callMeta, publishSmart, serverIdOf, type TestOffer, toolNamed } from './smart-server.ts';
import { startTestEdge, type TestEdge } from './test-edge.ts';

/*
 * In mode SMART, policies apply to the tools that are found and run: those of the smart server, by slug, and those of
 * each tool's own server.
 */

let edge: TestEdge;

const destructive = { annotations: { destructiveHint: true } };
const offers: TestOffer[] = [
  {
    toolkit: 'crm',
    tools: [toolNamed('find', 'Finds a customer.'), toolNamed('erase', 'Erases a customer.', destructive)],
  },
  { toolkit: 'mail', tools: [toolNamed('send', 'Sends a letter to a customer.', { usesConnection: true })] },
];
const deny = (names: string[]) => policyOf({ rules: [{ id: 'no', effect: 'deny', tools: { names } }] });

beforeAll(async () => {
  edge = await startTestEdge();
  await publishSmart(edge, offers);
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.handle = async ({ body }) => succeeded((body as ToolCall).arguments);
});

const ofHome = (index: number, policy: TestOffer['policy']) =>
  offers.map((offer, at) => (at === index && policy !== undefined ? { ...offer, policy } : offer));
const execute = async (calls: object[], options: Parameters<typeof callMeta>[3] = {}) =>
  (await callMeta(edge, 'execute_tools', { calls }, options)).value.results;
const callOf = (slug: string, callArguments: object = { text: 'a' }) => ({ slug, arguments: callArguments });

/** Checks what each meta tool reports about a tool that must be invisible. */
async function expectHidden(slug: string, options: Parameters<typeof callMeta>[3] = {}): Promise<void> {
  const inventory = await callMeta(edge, 'discover_tools', { mode: 'inventory' }, options);
  expect(JSON.stringify(inventory.value)).not.toContain(slug);
  const found = await callMeta(
    edge,
    'discover_tools',
    { queries: [{ use_case: 'erase or send to a customer' }] },
    options,
  );
  expect(found.value.results[0].tools.length).toBeGreaterThan(0);
  expect(JSON.stringify(found.value)).not.toContain(slug);
  const schemas = await callMeta(edge, 'get_tool_schemas', { tool_slugs: [slug] }, options);
  expect(schemas.value).toMatchObject({ schemas: {}, not_found: [{ slug }] });
  expect(schemas.value.not_found[0].did_you_mean).not.toContain(slug);
  const [alone] = await execute([callOf(slug)], options);
  const [, inBatch] = await execute([callOf('crm.find'), callOf(slug)], options);
  for (const { ok, error } of [alone, inBatch]) expect([ok, error.code]).toEqual([false, 'not_found']);
  expect(edge.calls.map(({ tool }) => tool)).toEqual(['find']);
  edge.calls.length = 0;
}

test('the policy of the smart server hides tools by slug, and the meta tools stay', async () => {
  await publishSmart(edge, offers, { policy: deny(['crm.er*']) });
  await expectHidden('crm.erase');
  expect(await listTools(edge)).toHaveLength(4);
  const closed = policyOf({
    unmatched: 'deny',
    rules: [{ id: 'find', effect: 'allow', tools: { names: ['crm.find'] } }],
  });
  await publishSmart(edge, offers, { policy: closed });
  await expectHidden('mail.send');
  expect(await listTools(edge)).toHaveLength(4);
});

test('the policy of a tool’s own server hides it by its own name, as it does there', async () => {
  await publishSmart(edge, ofHome(0, deny(['erase'])));
  await expectHidden('crm.erase');
  const home = await ask(edge, 'tools/list', {});
  expect(home.result.tools).toHaveLength(4);
});

test('annotations and toolkits are those of each tool', async () => {
  const rules = [
    { id: 'destructive', effect: 'deny' as const, tools: { annotations: { destructiveHint: true } } },
    { id: 'mail', effect: 'deny' as const, tools: { toolkits: ['mail'] }, callers: { users: ['ada'] } },
  ];
  await publishSmart(edge, offers, { policy: policyOf({ rules }) });
  await expectHidden('crm.erase');
  await expectHidden('mail.send', { headers: { 'x-username': 'ada' } });
  expect((await execute([callOf('mail.send')]))[0].ok).toBe(true);
});

test('a toolkit without visible tools does not exist, for manage_connections either', async () => {
  await publishSmart(edge, offers, { policy: deny(['mail.*']) });
  const manage = async (toolkit: string) =>
    (await callMeta(edge, 'manage_connections', { toolkits: [toolkit], mode: 'status' })).value.results[toolkit];
  const [hidden, unknown] = [await manage('mail'), await manage('nothing')];
  expect(hidden.message.replace('mail', '')).toBe(unknown.message.replace('nothing', ''));
  const { value } = await callMeta(edge, 'discover_tools', { mode: 'inventory', toolkit: 'mail' });
  expect(value.code).toBe('not_found');
});

test('a key finds the tools that it may use, on servers that it may use', async () => {
  await publishSmart(edge, offers);
  await expectHidden('crm.erase', { key: (await edge.publishKey({ tools: ['crm.f*', 'mail.*'] })).key });
  const servers = [edge.serverId, serverIdOf(edge, 'crm')];
  await expectHidden('mail.send', { key: (await edge.publishKey({ servers })).key });
});

test('arguments, limits and approvals are checked for each call of a batch, by both policies', async () => {
  const schema = { properties: { text: { const: 'no' } } };
  const home = policyOf({
    rules: [
      { id: 'home', effect: 'deny', arguments: schema },
      { id: 'ask', effect: 'approve', tools: { names: ['erase'] }, approval: { by: 'user' } },
    ],
  });
  const own = policyOf({
    limits: [{ id: 'two', tools: { names: ['crm.find'] }, per: 'caller', calls: { max: 2, seconds: 600 } }],
  });
  await publishSmart(edge, ofHome(0, home), { policy: own });
  const calls = [
    callOf('crm.find', { text: 'no' }),
    ...['1', '2', '3'].map((text) => callOf('crm.find', { text })),
    callOf('crm.erase'),
  ];
  const results = await execute(calls, { capabilities: { elicitation: {} } });
  const codes = results.map(({ error }: { error?: { code: string } }) => error?.code ?? 'ok');
  expect(codes.slice(0, 1)).toEqual(['policy_denied']);
  expect(codes.slice(1, 4).toSorted()).toEqual(['ok', 'ok', 'rate_limited']);
  expect(results[4].error.message).toMatch(/asks the user.*only call of a batch/);
  expect((await execute([callOf('crm.erase'), callOf('mail.send')]))[0].error.code).toBe('approval_required');
});

test('a tool of the smart server itself is counted once, although its policy applies by slug and by name', async () => {
  const policy = policyOf({ limits: [{ id: 'own', per: 'caller', calls: { max: 2, seconds: 600 }, concurrent: 1 }] });
  await publishSmart(edge, [], { tools: [toolNamed('find', 'Finds a customer.')], policy });
  await edge.publishCatalogue([{ serverId: edge.serverId, toolkit: 'desk', name: 'desk' }]);
  const run = async () => (await execute([callOf('desk.find')]))[0].error?.code ?? 'ok';
  let first = await run();
  while (first === 'not_found') first = await run();
  expect([first, await run(), await run()]).toEqual(['ok', 'ok', 'rate_limited']);
});

test('approval for a tool that needs it is asked for when the tool is called alone', async () => {
  const rules = [
    { id: 'ask', effect: 'approve' as const, tools: { names: ['crm.erase'] }, approval: { by: 'user' as const } },
  ];
  await publishSmart(edge, offers, { policy: policyOf({ rules }) });
  const capabilities = { elicitation: {} };
  const first = await callMeta(edge, 'execute_tools', { calls: [callOf('crm.erase')] }, { capabilities });
  expect(first.result.inputRequests.approval.params.message).toMatch(/^Allow crm\.erase \(/);
  const inputResponses = { approval: { action: 'accept', content: { allow: true } } };
  const extra = { requestState: first.result.requestState, inputResponses };
  const second = await callMeta(edge, 'execute_tools', { calls: [callOf('crm.erase')] }, { capabilities, extra });
  expect(second.value.results[0]).toMatchObject({ ok: true, output: { text: 'a', count: 1 } });
});

test('an approval of the workspace is not used up by a call of a batch about which the person would have to be asked, too', async () => {
  const approve = (by: 'user' | 'workspace', names: string[]) =>
    policyOf({ rules: [{ id: by, effect: 'approve', tools: { names }, approval: { by } }] });
  await publishSmart(edge, ofHome(0, approve('user', ['erase'])), { policy: approve('workspace', ['crm.erase']) });
  const capabilities = { elicitation: {} };
  const inBatch = async () => (await execute([callOf('crm.erase'), callOf('crm.find')], { capabilities }))[0].error;
  while (!(await inBatch()).message.startsWith('Someone in the workspace'));
  const { requestDigest = '' } = edge.approvalRequests.at(-1) ?? {};
  await edge.publishApproval({ requestDigest, approvalId: 'apr_smart', state: 'approved' });
  expect((await inBatch()).message).toMatch(/only call of a batch/);
  const alone = await callMeta(edge, 'execute_tools', { calls: [callOf('crm.erase')] }, { capabilities });
  expect(alone.result.inputRequests.approval).toBeDefined();
});

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApprovalDecision, ApprovalRequest } from '@toolplane/contracts';
import { createMember } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
let serverId: string;
/** Has created nothing, so no call counts as theirs. */
let approver: Awaited<ReturnType<typeof createMember>>;
beforeAll(async () => {
  plane = await startTestControlPlane();
  approver = await createMember(plane, { email: 'approver@example.com', role: 'admin' });
  serverId = await createServer('bank');
});
afterAll(() => plane.close());

const path = '/api/v1/approvals';
const createServer = async (name: string) =>
  (await plane.send('POST', '/api/v1/mcp-servers', { name })).body.data.id as string;
const newDigest = () => randomBytes(32).toString('base64url');
const approvalRequestOf = (changes: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  workspaceId: 'ws_default',
  serverId,
  tool: 'pay',
  ruleId: 'large',
  requestDigest: newDigest(),
  caller: { kind: 'key', keyId: 'key0000001', username: 'ada' },
  argumentNames: ['amount', 'to'],
  validSeconds: 60,
  at: Date.now(),
  ...changes,
});
const note = (...approvalRequests: ApprovalRequest[]) => plane.domains.approvals.noteApprovalRequests(approvalRequests);
const list = async (query = '') => (await plane.send('GET', `${path}?limit=100&${query}`)).body;
const decide = (id: string, step: 'approve' | 'deny', body: object = {}, key?: string) =>
  key === undefined
    ? approver.send('POST', `${path}/${id}/${step}`, body)
    : plane.send('POST', `${path}/${id}/${step}`, body, { key });
const findRows = (requestDigest: string) =>
  plane.database.asPlatform((tx) =>
    tx.approval.findMany({ where: { requestDigest }, orderBy: { requestedAt: 'desc' } }),
  );
const change = (id: string, data: object) =>
  plane.database.asPlatform((tx) => tx.approval.update({ where: { id }, data }));

/** Opens an approval for a call that was noted a moment ago. */
async function opened(
  changes: Partial<ApprovalRequest> = {},
): Promise<{ approvalRequest: ApprovalRequest; id: string }> {
  const approvalRequest = approvalRequestOf({ at: Date.now() - 1000, ...changes });
  await note(approvalRequest);
  const [row] = await findRows(approvalRequest.requestDigest);
  return { approvalRequest, id: row?.id ?? '' };
}

/** Decides, and waits until the millisecond of the decision has passed. */
async function decided(id: string, step: 'approve' | 'deny'): Promise<void> {
  const { body } = await decide(id, step);
  while (Date.now() <= Date.parse(body.data.decidedAt)) await delay(1);
}

/** Waits until edges have received this approval, and returns what they know of the call. */
async function published(
  { workspaceId, requestDigest }: ApprovalRequest,
  approvalId: string,
): Promise<ApprovalDecision> {
  for (;;) {
    const approval = await plane.snapshot.getApproval(workspaceId, requestDigest);
    if (approval?.approvalId === approvalId) return approval;
    await delay(5);
  }
}

describe('a call that an edge has noted', () => {
  test('is shown with who makes it and the names of its arguments, and never with their values', async () => {
    const { approvalRequest, id } = await opened();
    const { status, body } = await plane.send('GET', `${path}/${id}`);
    expect(status).toBe(200);
    expect(body.data).toEqual({
      id,
      workspaceId: 'ws_default',
      serverId,
      tool: 'pay',
      rule: 'large',
      state: 'pending',
      request: approvalRequest.requestDigest.slice(0, 12),
      caller: { kind: 'key', keyId: 'key0000001', agentId: null, username: 'ada', clientId: null },
      argumentNames: ['amount', 'to'],
      validSeconds: 60,
      requestedAt: new Date(approvalRequest.at).toISOString(),
      askedAt: new Date(approvalRequest.at).toISOString(),
      expiresAt: new Date(approvalRequest.at + 86_400_000).toISOString(),
      decidedAt: null,
      decidedBy: null,
      reason: null,
      validUntil: null,
    });
  });

  test('waits once, however often and by however many edges it was noted, and longer when it is retried', async () => {
    const { approvalRequest } = await opened();
    await Promise.all([
      note(approvalRequest, { ...approvalRequest, at: approvalRequest.at + 500 }),
      note(approvalRequest),
    ]);
    await note({ ...approvalRequest, at: approvalRequest.at - 500 });
    const rows = await findRows(approvalRequest.requestDigest);
    expect(rows.map(({ askedAt }) => askedAt.getTime())).toEqual([approvalRequest.at + 500]);
  });

  test('is forgotten when its server is gone, or when it is from long ago', async () => {
    const gone = approvalRequestOf({ serverId: 'srv_gone' });
    const foreign = approvalRequestOf({ workspaceId: 'ws_other' });
    const past = approvalRequestOf({ at: Date.now() - 90_000_000 });
    await note(gone, foreign, past);
    for (const { requestDigest } of [gone, foreign, past]) expect(await findRows(requestDigest)).toEqual([]);
  });

  test('expires when nobody decides in time, and waits anew when it is retried', async () => {
    const { approvalRequest, id } = await opened();
    await change(id, { expiresAt: new Date() });
    expect((await plane.send('GET', `${path}/${id}`)).body.data.state).toBe('expired');
    expect((await decide(id, 'approve')).status).toBe(409);
    await note(approvalRequest);
    expect(await findRows(approvalRequest.requestDigest)).toHaveLength(1);
    await note({ ...approvalRequest, at: Date.now() });
    expect(await findRows(approvalRequest.requestDigest)).toHaveLength(2);
  });

  test('makes its user known only once it is approved: 30 invented names leave no row (T51)', async () => {
    const invented = Array.from({ length: 30 }, (_, index) => `invented-${index}`);
    const caller = (username: string) => ({ kind: 'key' as const, keyId: 'key0000001', username });
    const calls = await Promise.all(invented.map((username) => opened({ caller: caller(username) })));
    const known = async () => {
      const { data } = (await plane.send('GET', '/api/v1/external-users?q=invented')).body;
      return data.map(({ username }: { username: string }) => username);
    };
    expect(await known()).toEqual([]);
    await decide(calls[0]?.id ?? '', 'deny');
    expect(await known()).toEqual([]);
    await decide(calls[1]?.id ?? '', 'approve');
    expect(await known()).toEqual(['invented-1']);
  });

  test('by an unknown caller does not keep those of others from waiting', async () => {
    const flooded = await createServer('flooded');
    const anonymous = { serverId: flooded, caller: { kind: 'anonymous' as const } };
    await note(...Array.from({ length: 110 }, () => approvalRequestOf(anonymous)));
    await note(approvalRequestOf({ serverId: flooded }));
    expect((await list('serverId=flooded')).total).toBe(101);
  });
});

describe('a decision', () => {
  test('is published for the duration in the rule, and shown with who made it', async () => {
    const { approvalRequest, id } = await opened();
    const { status, body } = await decide(id, 'approve', { reason: 'asked by phone' });
    expect([status, body.data.state, body.data.reason]).toEqual([200, 'approved', 'asked by phone']);
    expect(body.data.decidedBy).toEqual({ kind: 'person', id: approver.personId });
    expect(Date.parse(body.data.validUntil) - Date.parse(body.data.decidedAt)).toBe(60_000);
    const { validUntil, state, requestDigest } = await published(approvalRequest, id);
    expect([state, requestDigest]).toEqual(['approved', approvalRequest.requestDigest]);
    expect(new Date(validUntil).toISOString()).toBe(body.data.validUntil);
  });

  test('is made once, even by two people at a time', async () => {
    const { id } = await opened();
    const answers = await Promise.all([decide(id, 'approve'), decide(id, 'deny'), decide(id, 'approve')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  test('stands: an edge that has not heard of it opens nothing anew, and one that has seen it used does', async () => {
    const { approvalRequest, id } = await opened();
    await decided(id, 'approve');
    await note({ ...approvalRequest, at: Date.now() });
    await note({ ...approvalRequest, at: Date.now(), usedApprovalId: 'apr_another' });
    expect(await findRows(approvalRequest.requestDigest)).toHaveLength(1);
    await note({ ...approvalRequest, at: Date.now(), usedApprovalId: id });
    const [next] = await findRows(approvalRequest.requestDigest);
    expect(next).toMatchObject({ state: 'pending' });
    const { revision } = await published(approvalRequest, id);
    await decide(next?.id ?? '', 'approve');
    expect((await published(approvalRequest, next?.id ?? '')).revision).toBeGreaterThan(revision);
  });

  test('that denies applies until an approval would have ended, and then the call can be requested again', async () => {
    const { approvalRequest, id } = await opened();
    await decided(id, 'deny');
    expect(await published(approvalRequest, id)).toMatchObject({ state: 'denied' });
    await note({ ...approvalRequest, at: Date.now(), usedApprovalId: id });
    expect(await findRows(approvalRequest.requestDigest)).toHaveLength(1);
    await change(id, { validUntil: new Date() });
    await note({ ...approvalRequest, at: Date.now() });
    expect(await findRows(approvalRequest.requestDigest)).toHaveLength(2);
  });
});

describe('deleting a user', () => {
  test('ends what was approved in the name, at the edges too, and what waits for approval (T51)', async () => {
    const caller = { kind: 'key', keyId: 'key0000001', username: 'eve' } as const;
    const users = '/api/v1/external-users';
    const { id: userId } = (await plane.send('POST', users, { username: 'eve' })).body.data;
    const [approved, waiting, denied, ofAda] = [
      await opened({ caller }),
      await opened({ caller }),
      await opened({ caller }),
      await opened(),
    ];
    for (const { id } of [approved, ofAda]) await decided(id, 'approve');
    await decided(denied.id, 'deny');
    await published(approved.approvalRequest, approved.id);
    expect((await plane.send('DELETE', `${users}/${userId}`)).status).toBe(204);
    const isValid = ({ validUntil = 0 }: Partial<ApprovalDecision> = {}) => validUntil > Date.now();
    await using fresh = await plane.openSnapshot();
    for (const snapshot of [plane.snapshot, fresh]) {
      while (isValid(await snapshot.getApproval('ws_default', approved.approvalRequest.requestDigest))) await delay(5);
      for (const { approvalRequest } of [denied, ofAda]) {
        expect(isValid(await snapshot.getApproval('ws_default', approvalRequest.requestDigest))).toBe(true);
      }
    }
    expect((await decide(waiting.id, 'approve')).status).toBe(409);
  });

  test('that is published late withdraws no approval of the same call that was given afterwards', async () => {
    const { approvalRequest, id } = await opened();
    await decided(id, 'approve');
    await change(id, { validUntil: new Date() });
    await note({ ...approvalRequest, at: Date.now() });
    const [next] = await findRows(approvalRequest.requestDigest);
    await decide(next?.id ?? '', 'approve');
    await published(approvalRequest, next?.id ?? '');
    await change(id, { isPublished: false });
    await plane.publishing.catchUp();
    expect((await published(approvalRequest, next?.id ?? '')).validUntil).toBeGreaterThan(Date.now());
    expect(await findRows(approvalRequest.requestDigest)).toMatchObject([{ isPublished: true }, { isPublished: true }]);
  });
});

describe('the list', () => {
  test('is filtered by state and by server', async () => {
    const other = await createServer('filtered');
    const pending = (await opened({ serverId: other })).id;
    const denied = (await opened({ serverId: other })).id;
    await decide(denied, 'deny');
    const idsOf = async (query: string) => (await list(query)).data.map(({ id }: { id: string }) => id);
    expect((await idsOf(`serverId=${other}`)).toSorted()).toEqual([pending, denied].toSorted());
    expect(await idsOf('serverId=filtered&state=pending')).toEqual([pending]);
    expect(await idsOf('serverId=filtered&state=denied')).toEqual([denied]);
    expect(await idsOf('serverId=filtered&state=expired')).toEqual([]);
    expect((await plane.send('GET', `${path}?serverId=nowhere`)).status).toBe(404);
  });

  test('is refused to those who may not approve: 403', async () => {
    const permissions = ['tools:call', 'servers:write', 'policies:write'];
    const { data } = (await plane.send('POST', '/api/v1/api-keys', { name: 'others', permissions })).body;
    expect((await plane.send('GET', path, undefined, { key: data.key })).status).toBe(403);
  });
});

test('what ended a month ago is deleted, and what is waiting is not', async () => {
  const [ended, waiting] = [await opened(), await opened()];
  await decide(ended.id, 'deny');
  await change(ended.id, { validUntil: new Date(Date.now() - 31 * 86_400_000) });
  await plane.domains.approvals.sweep();
  expect(await findRows(ended.approvalRequest.requestDigest)).toEqual([]);
  expect(await findRows(waiting.approvalRequest.requestDigest)).toHaveLength(1);
});

test('when Redis has lost which calls were made, nothing runs with an earlier approval', async () => {
  const [{ approvalRequest, id }, meanwhile] = [await opened(), await opened()];
  await decide(id, 'approve');
  await plane.redis.kill();
  expect((await decide(meanwhile.id, 'approve')).status).toBe(200);
  await plane.redis.start();
  for (let isDone = false; !isDone; ) {
    isDone = await plane.publishing.catchUp().then(
      () => true,
      () => delay(50, false),
    );
  }
  await using fresh = await plane.openSnapshot();
  expect(await fresh.getApproval('ws_default', approvalRequest.requestDigest)).toBeUndefined();
  const { body } = await plane.send('GET', `${path}/${id}`);
  expect(Date.parse(body.data.validUntil)).toBeLessThanOrEqual(Date.now());
  const later = await fresh.getApproval('ws_default', meanwhile.approvalRequest.requestDigest);
  expect(later).toMatchObject({ approvalId: meanwhile.id, state: 'approved' });
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApprovalRequest } from '@toolplane/contracts';
import { keepUser } from '../src/access/external-users/store.ts';
import { createMember } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

/* Everybody who may hold the credential that made a call counts as its caller, and cannot approve the call. */

type Member = Awaited<ReturnType<typeof createMember>>;

let plane: TestControlPlane;
let serverId: string;
let ada: Member;
let ben: Member;
beforeAll(async () => {
  plane = await startTestControlPlane();
  serverId = (await plane.send('POST', '/api/v1/mcp-servers', { name: 'bank' })).body.data.id;
  ada = await createMember(plane, { email: 'ada@example.com', role: 'admin' });
  ben = await createMember(plane, { email: 'ben@example.com', role: 'admin' });
});
afterAll(() => plane.close());

type Key = { id: string; key: string };
/** Sends requests with a key, or as a signed-in person. */
const by = (who: string | Member) => (method: string, path: string, body?: object) =>
  typeof who === 'string' ? plane.send(method, path, body, { key: who }) : who.send(method, path, body);
const make = async (who: string | Member, path: string, request: object) => {
  const { status, body } = await by(who)('POST', `/api/v1${path}`, request);
  expect([status, body.error]).toEqual([201, undefined]);
  return body.data;
};
const PERMISSIONS = ['tools:call', 'servers:read', 'api-keys:write', 'approvals:write', 'agents:write', 'debug:write'];
const makeKey = (who: string | Member, request: object = {}): Promise<Key> =>
  make(who, '/api-keys', { name: 'k', permissions: PERMISSIONS, ...request });
const rotate = (who: string | Member, { id }: Key): Promise<Key> => make(who, `/api-keys/${id}/rotate`, {});

/** Creates an approval for a call of this caller, and returns its id. */
async function ask(caller: ApprovalRequest['caller']) {
  const requestDigest = randomBytes(32).toString('base64url');
  const about = { serverId, tool: 'pay', ruleId: 'large', argumentNames: ['amount'], validSeconds: 60 };
  const approvalRequest = { workspaceId: 'ws_default', requestDigest, caller, at: Date.now() - 1000, ...about };
  await plane.domains.approvals.noteApprovalRequests([approvalRequest]);
  const { id } = await plane.database.asPlatform((tx) => tx.approval.findFirstOrThrow({ where: { requestDigest } }));
  return id;
}

/** Creates a row for a user with this name, and returns its id. */
async function knownUser(username: string): Promise<string> {
  await plane.database.asPlatform((tx) => keepUser(tx, { workspaceId: 'ws_default', username }));
  return (await plane.send('GET', `/api/v1/external-users/username/${username}`)).body.data.id;
}

/** The response to an attempt to approve a call that this caller made. */
const approve = async (who: string | Member, caller: ApprovalRequest['caller']) =>
  by(who)('POST', `/api/v1/approvals/${await ask(caller)}/approve`, {});
const statusOf = async (who: string | Member, caller: ApprovalRequest['caller']) => (await approve(who, caller)).status;
const calls = ({ id }: Key): ApprovalRequest['caller'] => ({ kind: 'key', keyId: id });

describe('nobody approves their own call (T42)', () => {
  test('not with the key that made it; they may deny it', async () => {
    const own = await makeKey(ada);
    expect(await statusOf(own.key, calls(own))).toBe(403);
    expect(await statusOf(ben, calls(own))).toBe(200);
  });

  test('not with a key that their key created, and not with the key that created theirs, however long the chain', async () => {
    const first = await makeKey(ada);
    const second = await makeKey(first.key);
    const third = await makeKey(second.key);
    for (const [caller, approver] of [
      [first, second],
      [first, third],
      [third, first],
      [second, third],
    ] as const) {
      expect(await statusOf(approver.key, calls(caller))).toBe(403);
    }
  });

  test('not as the person who created the key, or the key that created it; another person, and their key, may', async () => {
    const own = await makeKey(ada);
    const further = await makeKey(own.key);
    const { status, body } = await approve(ada, calls(further));
    expect([status, body.error.message]).toEqual([403, expect.stringContaining('another member')]);
    expect(await statusOf(ben, calls(further))).toBe(200);
    expect(await statusOf((await makeKey(ben)).key, calls(further))).toBe(200);
  });

  test('not with a key that replaced theirs, and not if they rotated the key that called, or one of its rotations', async () => {
    const old = await makeKey(ada);
    const between = await rotate(ada, old);
    const successor = await rotate(ben, between);
    expect(await statusOf(successor.key, calls(old))).toBe(403);
    expect(await statusOf(old.key, calls(successor))).toBe(403);
    // The key and its rotations are one caller, so everybody who was shown one of these keys counts as the caller.
    for (const key of [old, between, successor]) {
      for (const who of [ada, ben]) expect(await statusOf(who, calls(key))).toBe(403);
    }
  });

  test('not with another credential of the agent, and not as whoever created one of them, even after it was deleted', async () => {
    const agent = await make(plane.rootKey, '/agents', { name: 'payer' });
    const ofAda = await makeKey(ada, { agentId: agent.id });
    const ofBen = await make(ben, `/agents/${agent.id}/oauth-clients`, { name: 'c' });
    await ben.send('DELETE', `/api/v1/agents/${agent.id}/oauth-clients/${ofBen.clientId}`);
    const caller = { kind: 'token', agentId: agent.id } as const;
    for (const who of [ada, ofAda.key, ben]) expect(await statusOf(who, caller)).toBe(403);
    for (const who of [ada, ben]) expect(await statusOf(who, { ...calls(ofAda), agentId: agent.id })).toBe(403);
    const outsider = await createMember(plane, { email: `${agent.id}@example.com`, role: 'admin' });
    expect(await statusOf(outsider, caller)).toBe(200);
  });

  test('not with a key of theirs if a client called for them with a token, and not if a key called on their behalf', async () => {
    const caller = { kind: 'token', username: ada.personId, clientId: 'https://client.example' } as const;
    for (const who of [ada, (await makeKey(ada)).key]) expect(await statusOf(who, caller)).toBe(403);
    expect(await statusOf(ada, { ...calls(await makeKey(ben)), username: ada.personId })).toBe(403);
    expect(await statusOf(ben, caller)).toBe(200);
  });

  test('not with the key, or as the person, that opened the debug session in which it was made', async () => {
    for (const opener of [ada, (await makeKey(ada)).key]) {
      const { id } = await make(plane.rootKey, '/mcp-servers', { name: `debugged-${typeof opener}` });
      const session = await make(opener, `/mcp_manager/${id}/debug-sessions`, {});
      const caller = { kind: 'key', keyId: session.id } as const;
      for (const who of [ada, (await makeKey(ada)).key]) expect(await statusOf(who, caller)).toBe(403);
      expect(await statusOf(ben, caller)).toBe(200);
    }
  });

  test('not as a person who deletes the user that they call as: members and agents are deleted elsewhere', async () => {
    const caller = { kind: 'token', username: ada.personId, clientId: 'https://client.example' } as const;
    const id = await ask(caller);
    const userId = await knownUser(ada.personId);
    const refused = await ada.send('DELETE', `/api/v1/external-users/${userId}`);
    expect([refused.status, refused.body.error.message]).toEqual([409, expect.stringContaining('person')]);
    expect((await ada.send('POST', `/api/v1/approvals/${id}/approve`, {})).status).toBe(403);
  });

  test('not after the name of whoever called is gone: deleting a user ends what waits for approval', async () => {
    const caller = { kind: 'token', username: 'leaving@example.com' } as const;
    const id = await ask(caller);
    const userId = await knownUser('leaving@example.com');
    expect((await ada.send('DELETE', `/api/v1/external-users/${userId}`)).status).toBe(204);
    const { status, body } = await ada.send('POST', `/api/v1/approvals/${id}/approve`, {});
    expect([status, body.error.message]).toEqual([409, expect.stringContaining('expired')]);
    // Callers without a name, as releases before this one left them.
    const nameless = await approve(ada, { kind: 'token', clientId: 'https://client.example' });
    expect([nameless.status, nameless.body.error.message]).toEqual([403, expect.stringContaining('not known')]);
    expect(await statusOf(ada, { kind: 'anonymous' })).toBe(200);
  });

  test('keys that one key created in different workspaces are the same caller', async () => {
    const { data: workspace } = (await plane.send('POST', '/api/v1/workspaces', { name: 'other' })).body;
    const permissions = [...PERMISSIONS, 'workspaces:write'];
    const caller = await makeKey(ada);
    const elsewhere = await makeKey(ada, { workspaceId: workspace.id, permissions });
    const back = await makeKey(elsewhere.key, { workspaceId: 'ws_default' });
    expect(await statusOf(back.key, calls(caller))).toBe(403);
  });

  test('of a key with an unknown creator, people approve the calls, and keys do not; it approves nothing', async () => {
    const unknown = await makeKey(ada);
    await plane.database.asPlatform((tx) => tx.apiKey.update({ where: { id: unknown.id }, data: { holders: [] } }));
    const other = await makeKey(ben);
    const successor = await rotate(ben, unknown);
    for (const caller of [unknown, successor]) {
      expect(await statusOf(other.key, calls(caller))).toBe(403);
      expect(await statusOf(ada, calls(caller))).toBe(200);
    }
    for (const who of [unknown.key, successor.key]) expect(await statusOf(who, calls(other))).toBe(403);
  });
});

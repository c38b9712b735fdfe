import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type CallDebug, type DebugGrant, debugGrantSchema, formatDebugToken, type Json } from '@toolplane/contracts';
import { createSigner, createVerifier, generateSigningKeys, type Signer, type Verifier } from '@toolplane/sealing';
import { type CheckGrant, createGrantCheck } from './check-grant.ts';

const token = formatDebugToken(new Uint8Array(32).fill(7));
const otherToken = formatDebugToken(new Uint8Array(32).fill(8));
const call = { workspaceId: 'ws_1', serverId: 'srv_1' };
const grant = {
  version: 1,
  kind: 'debug-grant',
  sessionId: 'dbg_1',
  workspaceId: 'ws_1',
  serverId: 'srv_1',
  tokenHash: createHash('sha256').update(token).digest('hex'),
  expiresAt: 2000,
  environment: { hosts: { 'https://a.example': 'https://b.example' } },
} satisfies DebugGrant;

let signer: Signer;
let verifier: Verifier;
let stranger: Signer;
let now: number;
let verified: number;
let check: CheckGrant;
beforeAll(async () => {
  const [ours, theirs] = [await generateSigningKeys(), await generateSigningKeys()];
  signer = await createSigner(ours.privateJwk);
  stranger = await createSigner(theirs.privateJwk);
  verifier = await createVerifier(ours.publicJwks);
});
beforeEach(() => {
  now = 1000;
  verified = 0;
  const counted: Verifier = {
    verify(text) {
      verified += 1;
      return verifier.verify(text);
    },
  };
  check = createGrantCheck({ verifier: counted, now: () => now });
});

async function debugOf(document: Json = grant, rest: Partial<CallDebug> = {}, by = signer): Promise<CallDebug> {
  return { grant: await by.sign(document), caller: 'key', ...rest };
}

test('a call to the server of an open session is watched; its environment is only for the debugger', async () => {
  const debug = await debugOf();
  expect(await check(debug, call)).toMatchObject({ sessionId: 'dbg_1', isDebugger: false });
  expect(await check({ ...debug, token }, call)).toEqual({
    sessionId: 'dbg_1',
    expiresAt: 2000,
    isDebugger: true,
    environment: grant.environment,
  });
});

test('so is a call of a tool that the server takes from another of its workspace', async () => {
  const debug = await debugOf({ ...grant, origins: ['srv_2'] });
  expect(await check(debug, { ...call, serverId: 'srv_2' })).toBeDefined();
  expect(await check(debug, { ...call, serverId: 'srv_3' })).toBeUndefined();
});

test('the signature of a grant is checked once, its expiry with each call', async () => {
  const debug = await debugOf();
  await check(debug, call);
  await check(debug, call);
  expect(verified).toBe(1);
  now = 2000;
  expect(await check(debug, call)).toBeUndefined();
});

describe('nobody can watch with a grant that', () => {
  const cases: [string, () => Promise<CallDebug>, Partial<typeof call>?][] = [
    ['somebody else has signed', () => debugOf(grant, {}, stranger)],
    ['was changed', async () => ({ ...(await debugOf()), grant: tamper((await debugOf()).grant) })],
    ['is of another server', () => debugOf({ ...grant, serverId: 'srv_2' })],
    ['is of another workspace', () => debugOf({ ...grant, workspaceId: 'ws_2' })],
    ['is brought to a server of another workspace', () => debugOf(), { workspaceId: 'ws_2' }],
    ['has ended, and is sent once more', () => debugOf({ ...grant, expiresAt: 1000 })],
    ['is a document of another kind', () => debugOf({ ...grant, kind: 'manifest' })],
    ['is not a document', async () => ({ grant: 'x', caller: 'key' })],
  ];

  test.each(cases)('%s', async (_name, toDebug, of = {}) => {
    const debug = await toDebug();
    expect(await check(debug, { ...call, ...of })).toBeUndefined();
    // A call that may be meant for a staging system must not run elsewhere.
    await expect(check({ ...debug, token }, { ...call, ...of })).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

test.each([
  ['of another session', otherToken],
  ['that is not a token', 'x'],
  ['that is empty', ''],
])('a token %s is refused, whatever the grant', async (_name, wrong) => {
  await expect(check(await debugOf(grant, { token: wrong }), call)).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('a grant contains nothing that could open it', () => {
  expect(JSON.stringify(debugGrantSchema.parse(grant))).not.toContain(token.slice(0, 12));
});

function tamper(signed: string): string {
  const [head, payload = '', signature] = signed.split('.');
  const changed = Buffer.from(payload, 'base64url').toString().replace('2000', '9000');
  return [head, Buffer.from(changed).toString('base64url'), signature].join('.');
}

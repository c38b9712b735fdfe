import { AppError, type ApprovalRequest } from '@toolplane/contracts';
import type { ListPage } from '@toolplane/service-kit/http';
import { findPartiesOfAgent } from '../../access/agents/agents.ts';
import { findParties } from '../../access/api-keys/api-keys.ts';
import { keepUser } from '../../access/external-users/external-users.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import { isSameParty, partyOfPerson } from '../../platform/principals/parties.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { Quotas } from '../../platform/quotas/quotas.ts';
import { getServer } from '../../servers/server-record.ts';
import { findOpener } from '../debug-sessions/opener.ts';
import * as store from './store.ts';

export { type Approval, eraseUser as eraseUserFromApprovals } from './store.ts';

type Caller = store.Approval['caller'];

/** Calls that a policy rule allows only after a member of the workspace has approved them. */
export type Approvals = {
  list(principal: Principal, request: store.ApprovalList): Promise<ListPage<store.Approval>>;
  get(principal: Principal, id: string): Promise<store.Approval>;
  /** An approved call may be made once, within the time that its rule allows. */
  decide(
    principal: Principal,
    id: string,
    decision: { state: 'approved' | 'denied'; reason: string | null },
  ): Promise<store.Approval>;
  /** Records the requests for approval that edges have reported. */
  noteApprovalRequests(approvalRequests: ApprovalRequest[]): Promise<void>;
  /** Deletes approvals that ended long ago. */
  sweep(): Promise<void>;
};

/** How long an approval stays pending, counted from the last attempt of the call. */
const OPEN_MS = 24 * 60 * 60 * 1000;
/** The limit of pending approvals; while it is reached, no more are accepted. */
const WAITING_PER_SERVER_MAX = 1000;
/** The limit for anonymous callers, so that they leave room for others. */
const WAITING_ANONYMOUS_MAX = 100;
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

export function createApprovals(options: { database: Database; changes: ChangeNotices; quotas: Quotas }): Approvals {
  const { database, changes } = options;

  /** Callers may invent user names, so a user is stored only once somebody has approved a call in their name. */
  async function keepCaller({ organizationId, workspaceId }: Principal, { username }: Caller): Promise<void> {
    if (username === undefined) return;
    // If the quota is used up, the approval exists without the row of its user.
    await keepUser(options, { organizationId, workspaceId, username }).catch(ignoreQuota);
  }

  return {
    list: (principal, { serverId: idOrSlug, ...request }) =>
      database.within(principal, async (tx) => {
        const serverId = idOrSlug === undefined ? undefined : (await getServer(tx, idOrSlug)).id;
        return store.listApprovals(tx, { ...request, serverId });
      }),

    get: (principal, id) =>
      database.within(principal, async (tx) => orNotFound(await store.findApproval(tx, id), 'approval')),

    async decide(principal, id, { state, reason }) {
      const { actor } = principal;
      const decided = await database.within(principal, async (tx) => {
        const approval = orNotFound(await store.lockApproval(tx, id), 'approval');
        if (approval.state !== 'pending') throw new AppError('conflict', `The approval is already ${approval.state}`);
        if (state === 'approved') await refuseOwn(tx, approval, principal);
        const at = new Date();
        const validUntil = new Date(at.getTime() + approval.validSeconds * 1000);
        return store.saveDecision(tx, id, { state, by: actor, reason, at, validUntil });
      });
      await changes.notify('approval.changed', id);
      if (state === 'approved') await keepCaller(principal, decided.caller);
      return decided;
    },

    noteApprovalRequests: (approvalRequests) =>
      database.asPlatform(async (tx) => {
        await store.lockApprovalRequests(tx);
        for (const approvalRequest of approvalRequests) await noteApprovalRequest(tx, approvalRequest);
      }),

    sweep: () => database.asPlatform((tx) => store.deleteEnded(tx, new Date(Date.now() - KEPT_MS))),
  };
}

/** Nobody approves their own call: whoever may hold the credential that made it counts as the caller. */
async function refuseOwn(tx: Transaction, { caller }: store.Approval, principal: Principal): Promise<void> {
  const parties = await partiesOfCaller(tx, caller);
  if (parties.length === 0 && caller.kind !== 'anonymous') {
    throw new AppError('forbidden', 'Who called is not known any more, so nobody can approve the call: deny it');
  }
  if (!isSameParty(parties, principal)) return;
  throw new AppError(
    'forbidden',
    'The caller cannot approve their own call. Whoever created or rotated the key that called, and every key that they created, count as the caller: let another member approve, or a key that another member created',
  );
}

async function partiesOfCaller(tx: Transaction, { keyId, agentId, username }: Caller): Promise<string[]> {
  return [
    ...(keyId === undefined ? [] : await partiesOfCredential(tx, keyId)),
    ...(agentId === undefined ? [] : await findPartiesOfAgent(tx, agentId)),
    ...(username === undefined ? [] : [partyOfPerson(username)]),
  ];
}

/** In calls of a debug session, the id of the session takes the place of a key; the session belongs to its opener. */
async function partiesOfCredential(tx: Transaction, id: string): Promise<readonly string[]> {
  const opener = await findOpener(tx, id);
  return opener?.kind === 'person' ? [partyOfPerson(opener.personId)] : findParties(tx, opener?.keyId ?? id);
}

/** Does nothing if the call is already pending, if a decision still applies, or if the limits leave no room. */
async function noteApprovalRequest(
  tx: Transaction,
  { at, usedApprovalId, ...approvalRequest }: ApprovalRequest,
): Promise<void> {
  const askedAt = new Date(Math.min(at, Date.now()));
  const expiresAt = new Date(askedAt.getTime() + OPEN_MS);
  if (expiresAt.getTime() <= Date.now()) return;
  const last = await store.findLastOf(tx, approvalRequest);
  if (last?.state === 'pending') {
    if (askedAt > last.askedAt) await store.recordAsked(tx, last.id, { askedAt, expiresAt });
    return;
  }
  if (last !== undefined && !isNewApprovalRequest(last, askedAt, usedApprovalId)) return;
  const waiting = await store.readWaiting(tx, approvalRequest);
  if (waiting === undefined || waiting.all >= WAITING_PER_SERVER_MAX) return;
  if (approvalRequest.caller.kind === 'anonymous' && waiting.anonymous >= WAITING_ANONYMOUS_MAX) return;
  await store.insertApproval(tx, { ...approvalRequest, id: newId('apr'), at: askedAt, expiresAt });
}

function ignoreQuota(thrown: unknown): void {
  if (!(thrown instanceof AppError) || thrown.code !== 'quota_exceeded') throw thrown;
}

/** While a decision is valid, an edge that has not received it yet may report the call again. */
function isNewApprovalRequest(
  { id, state, askedAt, decidedAt, validUntil }: store.Approval,
  at: Date,
  usedApprovalId: string | undefined,
): boolean {
  if (at <= (decidedAt ?? askedAt)) return false;
  const isOver = validUntil === null || validUntil.getTime() <= Date.now();
  return isOver || (state === 'approved' && usedApprovalId === id);
}

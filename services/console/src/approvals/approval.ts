export type ApprovalState = 'pending' | 'approved' | 'denied' | 'expired';

/** `Approval` of the API. It does not have the values of the arguments: only the edge has seen them. */
export type Approval = {
  id: string;
  /** The server whose policy requires the approval. */
  serverId: string;
  tool: string;
  /** The id of the rule. */
  rule: string;
  /** The id in the answer that the caller received. */
  request: string;
  state: ApprovalState;
  caller: {
    kind: 'key' | 'token' | 'anonymous';
    keyId: string | null;
    agentId: string | null;
    username: string | null;
    clientId: string | null;
  };
  argumentNames: string[];
  validSeconds: number;
  requestedAt: string;
  askedAt: string;
  expiresAt: string;
  decidedAt: string | null;
  decidedBy: { kind: 'key' | 'person'; id: string } | null;
  reason: string | null;
  validUntil: string | null;
};

/** A decision that is about to be made. */
export type Decision = { approval: Approval; step: 'approve' | 'deny' };

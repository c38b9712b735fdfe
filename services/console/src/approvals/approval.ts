export type ApprovalState = 'pending' | 'approved' | 'denied' | 'expired';

/** `Approval` of the API. What the arguments are is not in it: only the edge has seen them. */
export type Approval = {
  id: string;
  /** Whose policy wants it. */
  serverId: string;
  tool: string;
  /** Id of the rule. */
  rule: string;
  /** As in the answer that the caller got. */
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

/** What somebody is about to say of one. */
export type Decision = { approval: Approval; step: 'approve' | 'deny' };

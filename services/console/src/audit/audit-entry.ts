/** `AuditEntry` of the API. */
export type AuditEntry = {
  /** The number in the chain of the organization. */
  number: number;
  at: string;
  /** `begun` and `ended`: the start and the end of a change; `event`: a single entry. */
  kind: 'begun' | 'ended' | 'event';
  requestId?: string;
  workspaceId?: string;
  actor: { kind: string; id: string };
  address?: string;
  /** The `operationId` of the API, or the name of an event. */
  action: string;
  target?: Record<string, string>;
  /** `done` or an error code. */
  outcome?: string;
  changes?: { pointer: string; before?: unknown; after?: unknown }[];
  details?: Record<string, unknown>;
  hash: string;
};

/** The answer of `GET /audit-log/verification`. */
export type Verification = {
  isIntact: boolean;
  entries: number;
  brokenAt: number | null;
  nextCursor: string | null;
};

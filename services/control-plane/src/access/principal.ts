import type { Permission } from '@toolplane/contracts';
import type { Tenant } from '../database/database.ts';

/** The principal of a request. Its tenant comes from its credential, and never from a path or a body. */
export type Principal = Tenant & {
  actor: Actor;
  /** Everybody who may hold its credential: see `parties.ts`. */
  parties: readonly string[];
  permissions: readonly Permission[];
  /** Whether it may name external users over MCP. */
  mayAssertUser: boolean;
  /** Networks from which its key is accepted; absent: any. */
  addresses?: readonly string[];
  /** When its key expires; absent: never, or a person. */
  expiresAt?: Date;
};

/** The actor in the audit log. */
export type Actor = { kind: 'key'; keyId: string } | { kind: 'person'; personId: string; sessionId: string };

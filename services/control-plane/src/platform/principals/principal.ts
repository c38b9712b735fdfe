import type { Permission } from '@toolplane/contracts';
import type { Tenant } from '../database/database.ts';

/** The principal of a request. Its tenant comes from its credential, and never from a path or a body. */
export type Principal = Tenant & {
  actor: Actor;
  /** Everybody who may hold the credential: see `parties.ts`. */
  parties: readonly string[];
  permissions: readonly Permission[];
  /** Whether the principal may name external users over MCP. */
  mayAssertUser: boolean;
  /** Networks from which the key is accepted; absent if any network is. */
  addresses?: readonly string[];
  /** When the key expires; absent if it never expires, or for a person. */
  expiresAt?: Date;
};

/** The actor in the audit log. */
export type Actor = { kind: 'key'; keyId: string } | { kind: 'person'; personId: string; sessionId: string };

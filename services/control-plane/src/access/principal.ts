import type { Permission } from '@toolplane/contracts';
import type { Tenant } from '../database/database.ts';

/** Who makes a request. Its tenant comes from its credential, and never from a path or a body. */
export type Principal = Tenant & {
  actor: Actor;
  permissions: readonly Permission[];
  /** Over MCP it may name external users. */
  mayAssertUser: boolean;
  /** Networks that its key may be sent from; absent: any. */
  addresses?: readonly string[];
};

/** What the audit log names. */
export type Actor = { kind: 'key'; keyId: string } | { kind: 'person'; personId: string; sessionId: string };

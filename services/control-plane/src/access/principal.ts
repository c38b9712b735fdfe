import type { Permission } from '@toolplane/contracts';
import type { Tenant } from '../database/database.ts';

/** Who makes a request. Its tenant comes from the key alone, never from a path or a body. */
export type Principal = Tenant & {
  keyId: string;
  permissions: readonly Permission[];
  /** Over MCP it may name external users. */
  mayAssertUser: boolean;
};

import type { Permission } from '@toolplane/contracts';

/** Who is calling. Made from the published key record or, for public servers, from nothing but the server itself. */
export type Principal =
  | { kind: 'api-key'; keyId: string; workspaceId: string; permissions: readonly Permission[] }
  | { kind: 'anonymous' };

import type { ApiKeyRecord, Manifest } from '@toolplane/contracts';

/** A running server without tools, and a key that may call it, as the control plane publishes them. */
export const manifestOf = (changes: Partial<Manifest> = {}): Manifest => ({
  version: 1,
  kind: 'manifest',
  revision: 1,
  state: 'running',
  isPublic: false,
  serverId: 'srv_1',
  slug: 's',
  workspaceId: 'ws_1',
  title: 'Server',
  tools: [],
  ...changes,
});

export const keyRecordOf = (changes: Partial<ApiKeyRecord> = {}): ApiKeyRecord => ({
  version: 1,
  kind: 'api-key',
  keyId: 'k',
  organizationId: 'org_1',
  workspaceId: 'ws_1',
  revision: 1,
  hash: 'x',
  state: 'active',
  permissions: ['tools:call'],
  ...changes,
});

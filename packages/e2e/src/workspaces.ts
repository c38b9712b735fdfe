import { createRestClient, type RestClient } from '@toolplane/local/rest-client';
import type { TestPlatform } from './platform.ts';

/* Tenants in addition to the first one. */

export type OtherTenant = { workspaceId: string; apiKey: string; rest: RestClient };

export async function createTenant(platform: TestPlatform, name: string): Promise<OtherTenant> {
  type Created = { workspace: { id: string }; apiKey: { key: string } };
  const created = await platform.rest.call<Created>('POST', '/organizations', { name });
  if (created === undefined) throw new Error('the organization was not created');
  const apiKey = created.apiKey.key;
  return { workspaceId: created.workspace.id, apiKey, rest: createRestClient(platform.api, apiKey) };
}

/** Creates another workspace of the first organization, with its own API key. */
export async function createWorkspace({ api, rest }: TestPlatform, name: string): Promise<OtherTenant> {
  const workspace = await rest.call<{ id: string }>('POST', '/workspaces', { name });
  const permissions = ['tools:call', 'servers:read', 'servers:write', 'secrets:write'];
  const request = { name, workspaceId: workspace?.id, permissions };
  const created = await rest.call<{ key: string }>('POST', '/api-keys', request);
  if (workspace === undefined || created === undefined) throw new Error('the workspace was not created');
  return { workspaceId: workspace.id, apiKey: created.key, rest: createRestClient(api, created.key) };
}

import { createRestClient, type RestClient } from '@toolplane/local/rest-client';
import type { TestPlatform } from './platform.ts';

/* Another tenant beside the first one. */

export type OtherTenant = { workspaceId: string; apiKey: string; rest: RestClient };

export async function createTenant(platform: TestPlatform, name: string): Promise<OtherTenant> {
  type Created = { workspace: { id: string }; apiKey: { key: string } };
  const created = await platform.rest.call<Created>('POST', '/organizations', { name });
  if (created === undefined) throw new Error('the organization was not created');
  const apiKey = created.apiKey.key;
  return { workspaceId: created.workspace.id, apiKey, rest: createRestClient(platform.api, apiKey) };
}

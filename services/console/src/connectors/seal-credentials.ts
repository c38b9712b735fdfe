import type { SealingKey } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing/secrets';
import { ApiError } from '../api/api-error.ts';
import type { Api } from '../api/use-api.ts';
import type { ConnectorInstance } from './instance.ts';

/** For the data planes that have the server of the instance; nobody else on the way can read what is in it. */
export async function sealCredentials(
  api: Api,
  { server }: ConnectorInstance,
  { value, hosts }: { value: Record<string, string>; hosts: string[] },
): Promise<string> {
  if (!isSecureContext) {
    const message = 'This page has to be opened over https: nothing can be encrypted here.';
    throw new ApiError(0, { code: 'not_secure', message });
  }
  const pool = server === null ? undefined : await findPool(api, server.id);
  const { data: key } = await api<SealingKey>('GET', '/sealing-key', { query: { pool } });
  return sealSecret(key, { value, hosts });
}

/** Undefined is that of the workspace; also of a server that another workspace has. */
async function findPool(api: Api, serverId: string): Promise<string | undefined> {
  try {
    return (await api<{ pool: string | null }>('GET', `/mcp-servers/${serverId}`)).data.pool ?? undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

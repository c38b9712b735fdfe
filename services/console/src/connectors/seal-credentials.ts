import { ApiError } from '../api/api-error.ts';
import { seal } from '../api/seal.ts';
import type { Api } from '../api/use-api.ts';
import type { ConnectorInstance } from './instance.ts';

/** For the data planes that have the server of the instance; nobody else on the way can read what is in it. */
export async function sealCredentials(
  api: Api,
  { server }: ConnectorInstance,
  { value, hosts }: { value: Record<string, string>; hosts: string[] },
): Promise<string> {
  const pool = server === null ? null : await findPool(api, server.id);
  return seal(api, pool, { value, hosts });
}

/** `null`: the default one; also of a server that another workspace has. */
async function findPool(api: Api, serverId: string): Promise<string | null> {
  try {
    return (await api<{ pool: string | null }>('GET', `/mcp-servers/${serverId}`)).data.pool;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

import type { SealingKey } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing/secrets';
import type { Api } from '../api/use-api.ts';
import type { McpServer } from '../servers/server.ts';

/** For the data plane that runs the server: nothing on the way there can read it. */
export async function seal(api: Api, server: McpServer, secret: { value: string; hosts: string[] }): Promise<string> {
  const { data: key } = await api<SealingKey>('GET', '/sealing-key', { query: { pool: server.pool ?? undefined } });
  return sealSecret(key, secret);
}

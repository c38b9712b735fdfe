import { z } from 'zod';
import { dataOf, type PlatformApi } from './api.ts';

const keySchema = z.looseObject({
  prefix: z.string(),
  name: z.string(),
  workspaceId: z.string(),
  permissions: z.array(z.string()),
  expiresAt: z.string().nullable(),
  allowedServers: z.array(z.string()).nullable(),
  allowedTools: z.array(z.string()).nullable(),
  allowedAddresses: z.array(z.string()).nullable(),
});

/** Returns the key of the login, regardless of its permissions. */
export async function getCurrentKey(api: PlatformApi): Promise<z.infer<typeof keySchema>> {
  return dataOf(api, keySchema, await api.GET('/api-keys/current'));
}

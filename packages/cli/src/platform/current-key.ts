import { z } from 'zod';
import type { Api } from './api.ts';

/** The part of `ApiKey` of the API that is shown. */
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
export async function getCurrentKey(api: Api): Promise<z.infer<typeof keySchema>> {
  return (await api('GET', '/api-keys/current', keySchema)).data;
}

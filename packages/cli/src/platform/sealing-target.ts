import { type SealingTarget, sealingTargetSchema } from '@toolplane/contracts';
import type { Api } from './api.ts';

/**
 * What a value is sealed for. The names are those of the route (`{server, secret}`, `{instance, scope, subject}`, …).
 */
export async function getSealingTarget(
  api: Api,
  purpose: Readonly<Record<string, string | undefined>>,
): Promise<SealingTarget> {
  const named = Object.entries(purpose).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return (await api('GET', '/sealing-target', sealingTargetSchema, { query: Object.fromEntries(named) })).data;
}

import { type SealingTarget, sealingTargetSchema } from '@toolplane/contracts';
import type { Api } from './api.ts';

/** What a value is sealed for: names as the route has them (`{server, secret}`, `{instance, scope, subject}`, …). */
export async function getSealingTarget(
  api: Api,
  purpose: Readonly<Record<string, string | undefined>>,
): Promise<SealingTarget> {
  const named = Object.entries(purpose).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return (await api('GET', '/sealing-target', sealingTargetSchema, { query: Object.fromEntries(named) })).data;
}

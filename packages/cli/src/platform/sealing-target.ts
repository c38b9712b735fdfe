import type { ParamsOf } from '@toolplane/api-client';
import { type SealingTarget, sealingTargetSchema } from '@toolplane/contracts';
import { dataOf, type PlatformApi } from './api.ts';

/** What a value is sealed for: `{server, secret}`, `{instance, scope, subject}`, … */
export type SealingPurpose = NonNullable<ParamsOf<'/sealing-target', 'get'>['query']>;

export async function getSealingTarget(api: PlatformApi, purpose: SealingPurpose): Promise<SealingTarget> {
  return dataOf(api, sealingTargetSchema, await api.GET('/sealing-target', { params: { query: purpose } }));
}

import type { ParamsOf } from '@toolplane/api-client';
import { type SealingTarget, sealingTargetSchema } from '@toolplane/contracts';
import { type Api, dataOf } from './api.ts';

/** What a value is sealed for: `{server, secret}`, `{instance, scope, subject}`, … */
export type SealingPurpose = NonNullable<ParamsOf<'/sealing-target', 'get'>['query']>;

export async function getSealingTarget(api: Api, purpose: SealingPurpose): Promise<SealingTarget> {
  return dataOf(api, sealingTargetSchema, await api.GET('/sealing-target', { params: { query: purpose } }));
}

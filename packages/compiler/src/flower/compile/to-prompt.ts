import type { Plan, Prompt } from '@toolplane/contracts';
import { isReadOnly, isRepeatable } from '../../tools/tool-annotations.ts';
import type * as model from '../model.ts';
import { requestsOf } from '../requests-of.ts';
import { toManifestFields } from './to-manifest-fields.ts';
import { type PlanOwner, toPlan } from './to-plan.ts';

export type CompiledPrompt = { prompt: Omit<Prompt, 'planDigest'>; plan: Plan };

/** The prompt must not have errors. */
export function toPrompt(prompt: model.DeclaredPrompt, owner: PlanOwner): CompiledPrompt {
  const requests = requestsOf(prompt.steps);
  return {
    prompt: {
      name: prompt.id,
      ...toManifestFields(prompt),
      arguments: prompt.arguments,
      isRepeatable: isRepeatable(requests),
      isReadOnly: isReadOnly(requests),
    },
    plan: toPlan(`prompt:${prompt.id}`, prompt, owner),
  };
}

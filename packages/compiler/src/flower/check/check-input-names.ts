import { isJsonObject } from '@toolplane/contracts';
import type { FoundReference } from '@toolplane/expressions';
import type { Procedure } from '../model.ts';
import { requestReferences } from '../request-references.ts';
import { canBeReferredTo, UNREFERABLE_HINT } from './check-input.ts';

/** An input that no reference can name is useful only if all inputs are used together. */
export function checkInputNames(procedure: Procedure): void {
  const properties = procedure.noun === 'flow' ? procedure.part.member('inputs')?.member('properties') : undefined;
  if (!isJsonObject(properties?.value)) return;
  const unreferable = properties.entries().filter(([name]) => !canBeReferredTo(name));
  if (unreferable.length === 0 || referencesOf(procedure).some(takesAllInputs)) return;
  for (const [name, part] of unreferable) {
    part.warn('unreferable_input', `No reference can name the input "${name}"`, UNREFERABLE_HINT, { at: 'key' });
  }
}

function takesAllInputs({ path, isJmespath }: FoundReference): boolean {
  return path[0] === 'inputs' && (path.length === 1 || isJmespath);
}

function referencesOf({ rounds, steps, outputs, content, analytics }: Procedure): FoundReference[] {
  const questions = rounds.flat().flatMap(({ params, url }) => [...params.references, ...(url?.references ?? [])]);
  const ofSteps = steps.flatMap((step) => [
    ...requestReferences(step),
    ...step.outputs.flatMap(({ references }) => references),
  ]);
  const shown = [...outputs, ...analytics, ...(content === undefined ? [] : [content])];
  return [...questions, ...ofSteps, ...shown.flatMap(({ references }) => references)];
}

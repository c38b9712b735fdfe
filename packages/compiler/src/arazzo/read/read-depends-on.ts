import type { Part } from '../../document/part.ts';
import { checkUnique } from './check-unique.ts';

const DEPENDENCIES_MAX = 200;

/** Reads a list of texts. For a step, each text has one of three forms, and the list must not be empty. */
export function readDependsOn(part: Part | undefined, of: 'workflow' | 'step'): Part[] {
  const items = part?.items({ max: DEPENDENCIES_MAX, what: 'dependencies', canBeEmpty: of === 'workflow' }) ?? [];
  const texts = items.filter((item) => item.text() !== undefined);
  checkUnique(
    'duplicate_name',
    texts.map((text) => ({ key: String(text.value), part: text, message: 'Duplicate dependency' })),
  );
  return of === 'workflow' ? texts : texts.filter(isStepReference);
}

const STEP_REFERENCE = /^(?:[^$].*|\$workflows\.[^.]+\.steps\.[^.]+|\$sourceDescriptions\.[^.]+\.[^.]+\.steps\.[^.]+)$/;

function isStepReference(part: Part): boolean {
  const hint =
    'Write a stepId, $workflows.<workflowId>.steps.<stepId> or $sourceDescriptions.<name>.<workflowId>.steps.<stepId>.';
  return part.textLike(STEP_REFERENCE, 'invalid_reference', 'This does not name a step', hint) !== undefined;
}

import { definedOnly, planLimits } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import { readOutputBudget } from '../../tools/read-output-budget.ts';
import { readAnnotations } from '../../tools/tool-annotations.ts';
import type { Step, Workflow } from '../model.ts';
import { allowKeys } from './allow-keys.ts';
import { checkUnique } from './check-unique.ts';
import type { Reading } from './components.ts';
import { readActions } from './read-actions.ts';
import { readDependsOn } from './read-depends-on.ts';
import { readId } from './read-id.ts';
import { readInputs } from './read-inputs.ts';
import { readOutputs } from './read-outputs.ts';
import { readParameters } from './read-parameters.ts';
import { readStep } from './read-step.ts';
import { readProse, textMember } from './text-member.ts';

const WORKFLOWS_MAX = 100;
const STEPS_MAX = 200;

const TOOL_KEYS = ['x-mcp-name', 'x-annotations', 'x-timeout', 'x-output'];
const KEYS = [
  'workflowId',
  'summary',
  'description',
  'inputs',
  'dependsOn',
  'steps',
  'successActions',
  'failureActions',
  'outputs',
  'parameters',
  'x-parallel',
  'x-mcp-expose',
  ...TOOL_KEYS,
];

export function readWorkflows(part: Part | undefined, reading: Reading): Workflow[] {
  const parts = part?.items({ max: WORKFLOWS_MAX, what: 'workflows' }) ?? [];
  const workflows = parts.filter((item) => item.object()).map((item) => readWorkflow(item, reading));
  checkUnique(
    'duplicate_id',
    workflows.map(({ id, part: workflow }) => ({
      key: id,
      part: workflow.member('workflowId') ?? workflow,
      message: `Duplicate workflow "${id}"`,
    })),
  );
  return workflows;
}

function readWorkflow(part: Part, reading: Reading): Workflow {
  allowKeys(part, reading.minor, KEYS);
  const isTool = part.member('x-mcp-expose')?.boolean() ?? true;
  if (!isTool) warnOfToolKeys(part);
  const deadline = part.member('x-timeout')?.number({ min: 1, max: planLimits.deadlineMsMax / 1000, isWhole: false });
  const inputs = readInputs(part.member('inputs'), reading.references);
  const outputs = readOutputs(part.member('outputs'), reading);
  const { pagedInputs = inputs, ...budget } = readOutputBudget(part.member('x-output'), {
    noun: 'workflow',
    inputs,
    outputs,
    hasContent: false,
  });
  return {
    part,
    id: readId(part, 'workflowId'),
    dependsOn: readDependsOn(part.member('dependsOn'), 'workflow'),
    steps: readSteps(part.required('steps'), reading),
    successActions: readActions(part.member('successActions'), reading, 'successActions') ?? [],
    failureActions: readActions(part.member('failureActions'), reading, 'failureActions') ?? [],
    outputs,
    parameters: readParameters(part.member('parameters'), reading, 'either'),
    isParallel: part.member('x-parallel')?.boolean() ?? false,
    isTool,
    annotations: readAnnotations(part.member('x-annotations')),
    ...budget,
    ...definedOnly({
      summary: readProse(part, 'summary'),
      description: readProse(part, 'description'),
      inputs: pagedInputs,
      toolName: readToolName(part),
      deadlineMs: deadline === undefined ? undefined : Math.round(deadline * 1000),
    }),
  };
}

/** Warns of keys that only a tool can have. */
function warnOfToolKeys(part: Part): void {
  const hint = 'Write it in the workflows that are tools, or remove "x-mcp-expose".';
  for (const key of TOOL_KEYS) {
    part
      .member(key)
      ?.warn('ignored_key', `"${key}" has no effect on a workflow that is not a tool`, hint, { at: 'key' });
  }
}

function readSteps(part: Part | undefined, reading: Reading): Step[] {
  const parts = part?.items({ max: STEPS_MAX, what: 'steps' }) ?? [];
  const steps = parts.filter((item) => item.object()).map((item) => readStep(item, reading));
  checkUnique(
    'duplicate_id',
    steps.map(({ id, part: step }) => ({
      key: id,
      part: step.member('stepId') ?? step,
      message: `Duplicate step "${id}" in this workflow`,
    })),
  );
  return steps;
}

function readToolName(part: Part): string | undefined {
  const rule = 'The name of a tool consists of 1 to 64 letters, digits, "_" or "-"';
  return textMember(part, 'x-mcp-name')?.textLike(/^[A-Za-z0-9_-]{1,64}$/, 'invalid_name', rule, 'Rename it.');
}

import type { FoundReference } from '@toolplane/expressions';
import type { Problems } from '../../document/problems.ts';
import type { Expression, Step } from '../model.ts';
import { checkAnswer } from './check-answer.ts';
import { checkCredential } from './check-credential.ts';
import { checkInput } from './check-input.ts';
import { checkMessage, checkOutput, checkStep } from './check-step-reference.ts';
import type { ReferenceContext, ReferenceLocation } from './reference-context.ts';

type CheckContext = Omit<ReferenceContext, 'report'> & { problems: Problems };

export function checkReferences(context: CheckContext): void {
  const { procedure } = context;
  for (const [round, questions] of procedure.rounds.entries()) {
    for (const { params, url } of questions) {
      checkAll([...params.references, ...(url?.references ?? [])], { kind: 'question', round }, context);
    }
  }
  // The header of `security` is one expression shared by many steps.
  const checked = new Set<Expression>();
  for (const [index, step] of procedure.steps.entries()) checkStepReferences(step, index, context, checked);
  for (const output of procedure.outputs) checkAll(output.references, { kind: 'output' }, context);
  checkAll(procedure.content?.references ?? [], { kind: 'content' }, context);
  for (const entry of procedure.analytics) checkAll(entry.references, { kind: 'analytics' }, context);
}

function checkStepReferences(step: Step, index: number, context: CheckContext, checked: Set<Expression>): void {
  const { url, headers, query, body } = step.request;
  const request: ReferenceLocation = { kind: 'request', step: index };
  checkAll(url.references, request, context);
  for (const expression of [...headers, ...query, ...(body === undefined ? [] : [body])]) {
    if (!checked.has(expression)) checkAll(expression.references, request, context);
    checked.add(expression);
  }
  for (const [output, { references }] of step.outputs.entries()) {
    checkAll(references, { kind: 'step output', step: index, output }, context);
  }
  for (const { when } of step.actions) checkAll(when?.references ?? [], { kind: 'condition', step: index }, context);
}

function checkAll(
  references: FoundReference[],
  location: ReferenceLocation,
  { problems, ...context }: CheckContext,
): void {
  for (const reference of references) {
    const { pointer, offset } = reference;
    const report: ReferenceContext['report'] = (severity, code, message, hint) => {
      problems[severity](code, pointer, message, hint, { offset });
    };
    checkReference(reference, location, { ...context, report });
  }
}

function checkReference(reference: FoundReference, location: ReferenceLocation, context: ReferenceContext): void {
  switch (reference.path[0]) {
    case 'inputs':
      checkInput(reference, context);
      break;
    case 'answers':
      checkAnswer(reference, location, context);
      break;
    case 'steps':
      checkStep(reference, location, context);
      break;
    case 'outputs':
      checkOutput(reference, location, context);
      break;
    case 'request':
    case 'response':
      checkMessage(reference, location, context);
      break;
    default:
      checkCredential(reference, location, context);
  }
}

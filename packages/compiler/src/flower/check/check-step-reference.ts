import type { FoundReference } from '@toolplane/expressions';
import { suggestName } from '../../document/suggest-name.ts';
import type { Step } from '../model.ts';
import type { ReferenceContext, ReferenceLocation } from './reference-context.ts';

const QUESTIONS_FIRST = 'Questions are asked before the first step: refer to inputs and answers of earlier rounds.';

const messageMembers = {
  request: ['method', 'url', 'query', 'headers', 'body'],
  response: ['status', 'headers', 'body'],
};

/** Checks `$steps.<id>.…`. */
export function checkStep(reference: FoundReference, location: ReferenceLocation, context: ReferenceContext): void {
  const { procedure, report } = context;
  const [, id = ''] = reference.path;
  const ids = procedure.steps.map((step) => step.id);
  const index = ids.indexOf(id);
  const step = procedure.steps[index];
  if (step === undefined) {
    const hint = suggestName(id, ids, `Steps of this ${procedure.noun}`);
    report('error', 'unknown_step', `${reference.text} does not name a step of this ${procedure.noun}`, hint);
    return;
  }
  if (!canHaveRun(index, location, context)) {
    const isQuestion = location.kind === 'question';
    const hint = isQuestion ? QUESTIONS_FIRST : 'Refer to an earlier step, or move this one.';
    report('error', 'step_not_run', `Step "${id}" cannot have run before this is needed`, hint);
  }
  checkStepPart(reference, step, location, context);
}

function checkStepPart(
  { path, text }: FoundReference,
  step: Step,
  location: ReferenceLocation,
  context: ReferenceContext,
): void {
  const [, , part, ...members] = path;
  if (part === 'outputs') {
    checkStepOutput(members[0], step.outputs, `step "${step.id}"`, context.report);
  } else if (part === 'request' || part === 'response') {
    checkMembers(part, members, location, context);
  } else {
    const hint = suggestName(part ?? '', ['outputs', 'response', 'request'], 'A step has');
    context.report('error', 'unknown_reference', `${text} does not name a part of step "${step.id}"`, hint);
  }
}

function canHaveRun(index: number, location: ReferenceLocation, { controlFlow }: ReferenceContext): boolean {
  if (location.kind === 'question') return false;
  if (!('step' in location) || index < location.step) return true;
  if (index === location.step && location.kind !== 'request') return true;
  return controlFlow.follows(index, location.step);
}

/** Checks `$outputs.<name>`. */
export function checkOutput(
  { path, text }: FoundReference,
  location: ReferenceLocation,
  { procedure, report }: ReferenceContext,
): void {
  if (warnsOfLocation(text, location, report) || !('step' in location)) return;
  const outputs = procedure.steps[location.step]?.outputs ?? [];
  checkStepOutput(path[1], outputs, 'this step', report);
  const isBuilt =
    location.kind !== 'step output' || outputs.findIndex(({ name }) => name === path[1]) < location.output;
  if (!isBuilt) report('error', 'output_not_built', `${text} is not available here yet`, 'Move it before this output.');
}

function checkStepOutput(
  name: string | undefined,
  outputs: { name: string }[],
  owner: string,
  report: ReferenceContext['report'],
): void {
  const names = outputs.map((output) => output.name);
  if (name === undefined || names.includes(name)) return;
  const hint = suggestName(name, names, 'Its outputs');
  report('error', 'unknown_output', `There is no output "${name}" in ${owner}`, hint);
}

/** Checks `$request.…` and `$response.…`. */
export function checkMessage(
  { path, text }: FoundReference,
  location: ReferenceLocation,
  context: ReferenceContext,
): void {
  warnsOfLocation(text, location, context.report);
  checkMembers(path[0] === 'request' ? 'request' : 'response', path.slice(1), location, context);
}

function checkMembers(
  message: 'request' | 'response',
  [member, name]: string[],
  location: ReferenceLocation,
  { report }: ReferenceContext,
): void {
  const members = messageMembers[message];
  if (member !== undefined && !members.includes(member)) {
    const hint = suggestName(member, members, `A ${message} has`);
    report('error', 'unknown_reference', `A ${message} has no "${member}"`, hint);
  }
  const isShown = location.kind !== 'request' && location.kind !== 'condition';
  if (isShown && message === 'request' && (member === undefined || member === 'headers' || member === 'body')) {
    const hint = 'Requests carry credentials. Show an input or a part of the response instead.';
    report('error', 'credential_in_output', 'Headers and body of a request cannot be shown', hint);
  }
  if (isShown && message === 'response' && member === 'headers' && name === 'set-cookie') {
    const hint = 'Show another part of the response instead.';
    report('error', 'credential_in_output', 'Set-Cookie can hold a session, which cannot be shown', hint);
  }
  if (location.kind === 'request' && message === 'request' && member !== 'method') {
    const hint =
      'Requests carry credentials. Repeat the values that the request was made from, or use a part of the response.';
    report('error', 'credential_in_request', 'What one request sent cannot be put into another', hint);
  }
}

/** Warns if the current step, or what it received, does not exist: before its request and after the last step. */
function warnsOfLocation(text: string, location: ReferenceLocation, report: ReferenceContext['report']): boolean {
  if (location.kind === 'request') {
    const hint = 'In a request, refer to an earlier step: $steps.<id>.outputs.<name>.';
    report('warn', 'not_yet_known', `${text} is always empty here: the request has not been sent yet`, hint);
  } else if (location.kind === 'question') {
    report('warn', 'not_yet_known', `${text} is always empty here`, QUESTIONS_FIRST);
  } else if (!('step' in location)) {
    const hint = 'After the last step, refer to a step: $steps.<id>.outputs.<name>.';
    report('warn', 'no_current_step', `${text} names a part of the current step, but there is none here`, hint);
  }
  return location.kind === 'request' || !('step' in location);
}

import { definedOnly, planLimits } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import { idempotencyKeys, readIdempotency } from '../../http/read-idempotency.ts';
import type { Step } from '../model.ts';
import { allowKeys } from './allow-keys.ts';
import type { Reading } from './components.ts';
import { readActions } from './read-actions.ts';
import { readCriteria } from './read-criteria.ts';
import { readDependsOn } from './read-depends-on.ts';
import { readId } from './read-id.ts';
import { readOutputs } from './read-outputs.ts';
import { readParameters } from './read-parameters.ts';
import { readRequestBody } from './read-request-body.ts';
import { readProse } from './text-member.ts';

const KEYS = [
  'stepId',
  'description',
  'operationId',
  'operationPath',
  'workflowId',
  'parameters',
  'requestBody',
  'successCriteria',
  'onSuccess',
  'onFailure',
  'outputs',
  ...idempotencyKeys,
];
const KEYS_SINCE_1 = ['channelPath', 'action', 'correlationId', 'timeout', 'dependsOn'];

const TARGETS = [
  ['operationId', 'operationPath', 'workflowId'],
  ['operationId', 'operationPath', 'workflowId', 'channelPath'],
] as const;

/** Keys of AsyncAPI are read like the others, and refused when the document is checked. */
export function readStep(part: Part, reading: Reading): Step {
  allowKeys(part, reading.minor, KEYS, KEYS_SINCE_1);
  const target = readTarget(part, reading);
  const isCall = target.kind === 'workflowId';
  const timeoutMs = part.member('timeout')?.number({ min: 1, max: planLimits.deadlineMsMax, isWhole: true });
  const action = part.member('action')?.choice(['send', 'receive']);
  if (target.kind === 'channelPath' && action === undefined) part.required('action');
  if (isCall) warnOfRequestKeys(part);
  return {
    part,
    id: readId(part, 'stepId'),
    target,
    parameters: readParameters(part.member('parameters'), reading, isCall ? 'workflow' : 'operation'),
    outputs: readOutputs(part.member('outputs'), reading),
    idempotency: readIdempotency(part),
    dependsOn: readDependsOn(part.member('dependsOn'), 'step'),
    ...definedOnly({
      description: readProse(part, 'description'),
      requestBody: readRequestBody(part.member('requestBody'), reading),
      successCriteria: readCriteria(part.member('successCriteria'), reading),
      onSuccess: readActions(part.member('onSuccess'), reading, 'successActions'),
      onFailure: readActions(part.member('onFailure'), reading, 'failureActions'),
      timeoutMs,
    }),
  };
}

/** Warns of keys that only a request can have. */
function warnOfRequestKeys(part: Part): void {
  const hint = 'Pass parameters to the workflow instead.';
  part.member('requestBody')?.warn('ignored_key', 'A workflow has no request body', hint, { at: 'key' });
  for (const key of idempotencyKeys) {
    const where = 'Write it in the steps of the workflow that send requests.';
    part
      .member(key)
      ?.warn('ignored_key', `"${key}" has no effect in a step that calls a workflow`, where, { at: 'key' });
  }
}

/** The text is empty if there is no usable target, which is reported. */
function readTarget(part: Part, { minor }: Reading): Step['target'] {
  const found = part.onlyOne(TARGETS[minor]);
  if (found === undefined) return { kind: 'operationId', part, text: '' };
  const rule = 'The target is empty';
  const text = found.part.textLike(/\S/, 'invalid_target', rule, `Write a value for ${found.key}.`);
  return { kind: found.key, part: found.part, text: text ?? '' };
}

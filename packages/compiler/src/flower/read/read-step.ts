import type { Part } from '../../document/part.ts';
import { idempotencyKeys, readIdempotency } from '../../http/read-idempotency.ts';
import type { Request, Step } from '../model.ts';
import { extensions } from './extensions.ts';
import { readActions } from './read-actions.ts';
import { readExpressions } from './read-expression.ts';
import { readRequest } from './read-request.ts';
import { REFERENCE_NAME, REFERENCE_NAME_HINT } from './reference-name.ts';

const TIMEOUT_SECONDS_MAX = 300;

export function readStep(part: Part): Step {
  part.allowKeys(['id', 'description', 'request', 'outputs', 'actions', 'x-timeout', ...idempotencyKeys], extensions);
  part.member('description')?.text();
  const timeout = part.member('x-timeout')?.number({ min: 0.001, max: TIMEOUT_SECONDS_MAX, isWhole: false });
  return {
    part,
    id: readStepId(part.required('id')),
    request: readSent(part),
    outputs: readExpressions(part.member('outputs')),
    actions: readActions(part.member('actions')),
    ...(timeout === undefined ? {} : { timeoutMs: Math.round(timeout * 1000) }),
  };
}

function readSent(part: Part): Request {
  const request = { ...readRequest(part.required('request'), part), ...readIdempotency(part) };
  const keyed = request.idempotencyKey?.header.toLowerCase();
  const own = request.headers.find(({ name }) => name.toLowerCase() === keyed);
  own?.part.error('duplicate_header', `The header ${own.name} already carries the key of the step`, 'Remove it here.', {
    at: 'key',
  });
  return request;
}

/** Reads an id that a reference can name: `$steps.<id>.outputs`. */
function readStepId(part: Part | undefined): string {
  part?.textLike(REFERENCE_NAME, 'invalid_id', 'A reference could not name this id', REFERENCE_NAME_HINT);
  return typeof part?.value === 'string' ? part.value : '';
}

import { type Failure, failed } from '@toolplane/contracts';
import { CALL_BYTES_MAX } from './call-queue.ts';

/** How many KiB fit into a sealed call, which is Base64. */
const KIB_MAX = (CALL_BYTES_MAX * 3) / 4 / 1024;

/** How calls fail before they reach their handler, or without an answer from it. The texts are for the caller. */
const messages = {
  invalid_request: 'The deadline of the call is too far ahead',
  tenant_busy: 'Too many calls of this workspace are running; this call was not executed',
  queue_full: 'Too many calls are running; this call was not executed',
  config_unavailable: 'The server belongs to a pool that is not set up here; the call was not executed',
  queue_unavailable: 'The queue cannot be reached',
  queue_restarted: 'The queue was restarted while the call was in progress',
  shutting_down: 'The service is shutting down',
  deadline_exceeded: 'The call did not end before its deadline',
  cancelled: 'The call was cancelled',
  worker_lost: 'The worker of the call was lost',
  incompatible: 'The call was sent by a release that this worker does not know',
  payload_too_large: `The arguments of the call are too large; calls have room for about ${KIB_MAX} KiB`,
  internal: 'Internal error',
} as const;

export type BusFailureCode = keyof typeof messages;

/** The message for `organization_busy`, whose code is `tenant_busy`; it says whose limit it was. */
const ORGANIZATION_BUSY =
  'The calls of this organization, in all of its workspaces, take up its share; this call was not executed. Make it again when some of them have ended';

const retryAfterMs: Partial<Record<BusFailureCode, number>> = {
  tenant_busy: 250,
  queue_full: 1000,
  queue_unavailable: 1000,
  shutting_down: 500,
};

export function busFailure(outcome: 'not_started' | 'unknown', failure: BusFailureCode | 'organization_busy'): Failure {
  const code = failure === 'organization_busy' ? 'tenant_busy' : failure;
  const message = failure === 'organization_busy' ? ORGANIZATION_BUSY : messages[failure];
  const waitMs = retryAfterMs[code];
  return failed(outcome, code, message, waitMs === undefined ? {} : { retryAfterMs: waitMs });
}

export const busFailureMessage = (code: BusFailureCode) => messages[code];

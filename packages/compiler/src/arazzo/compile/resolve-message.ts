import type { Resolved } from '@toolplane/expressions';
import { isBeforeAnswer } from './expression-location.ts';
import { NOTHING, type Resolution } from './resolution.ts';
import { isCredentialPart } from './resolve-credential.ts';

type MessagePart = { part: 'header' | 'query' | 'path' | 'body' | 'payload'; name: string };

/** Resolves `$url`, `$method` and `$statusCode` of the current step. */
export function resolveMessage(kind: 'url' | 'method' | 'statusCode', resolution: Resolution): Resolved {
  // A called workflow has a status too: that of the last response that it received.
  warnOfLocation(resolution, { isOfCalled: kind === 'statusCode' });
  if (kind === 'statusCode') return { path: ['response', 'status'] };
  const holdsCredential = (part: 'query' | 'path') => isCredentialPart(part, '', resolution);
  if (kind === 'url' && (holdsCredential('query') || holdsCredential('path'))) refuse(resolution);
  return { path: ['request', kind] };
}

export function resolveResponse({ part, name }: MessagePart, segments: string[], resolution: Resolution): Resolved {
  warnOfLocation(resolution);
  switch (part) {
    case 'header':
      if (name === 'set-cookie') checkCookie(resolution);
      // This is the only header whose repetitions cannot be joined.
      return { path: ['response', 'headers', name, ...(name === 'set-cookie' ? ['0'] : [])] };
    case 'body':
      return { path: ['response', 'body', ...segments] };
    default: {
      const hint = 'An answer has $statusCode, $response.header.<name> and $response.body.';
      resolution.report('error', 'unknown_reference', `${resolution.text} does not name a part of an answer`, hint);
      return NOTHING;
    }
  }
}

export function resolveRequest({ part, name }: MessagePart, segments: string[], resolution: Resolution): Resolved {
  warnOfLocation(resolution);
  switch (part) {
    case 'header':
      if (isCredentialPart('headers', name, resolution)) refuse(resolution);
      return { path: ['request', 'headers', name] };
    case 'query':
    case 'path':
      if (isCredentialPart(part, name, resolution)) refuse(resolution);
      return { path: ['request', part, name] };
    case 'body':
      if (isCredentialPart('body', '', resolution)) refuse(resolution);
      return { path: ['request', 'body', ...segments] };
    default: {
      const hint = 'A request has .header.<name>, .query.<name>, .path.<name> and .body.';
      resolution.report('error', 'unknown_reference', `${resolution.text} does not name a part of a request`, hint);
      return NOTHING;
    }
  }
}

/** In a condition, a credential is only compared and therefore allowed. */
function refuse({ location, text, report }: Resolution): void {
  if (location.kind === 'criterion') return;
  const hint = 'Show an input or a part of the answer instead.';
  report('error', 'credential_in_output', `${text} holds a credential, which cannot be shown`, hint);
}

/** A cookie that a server sets usually contains a session. */
function checkCookie({ location, text, report }: Resolution): void {
  if (location.kind !== 'output' && location.kind !== 'step output') return;
  const hint = 'Show another part of the answer instead.';
  report('error', 'credential_in_output', `${text} can hold a session, which cannot be shown`, hint);
}

/** Warns if there is no current step, its request has not been sent yet, or it has no message of its own. */
function warnOfLocation({ location, text, report }: Resolution, { isOfCalled = false } = {}): void {
  if (location.kind === 'output') {
    const hint = 'Refer to a step: $steps.<stepId>.outputs.<name>.';
    report('warn', 'no_current_step', `${text} belongs to whichever step ran last`, hint);
  } else if (isBeforeAnswer(location)) {
    const hint = 'Refer to an earlier step: $steps.<stepId>.outputs.<name>.';
    report('warn', 'not_yet_known', `${text} is always empty here: the request has not been sent yet`, hint);
  } else if (location.step.target?.kind === 'workflow' && !isOfCalled) {
    const hint = 'Refer to what the workflow gives: $outputs.<name>.';
    report('warn', 'no_own_answer', `${text} is always empty here: this step calls a workflow`, hint);
  }
}

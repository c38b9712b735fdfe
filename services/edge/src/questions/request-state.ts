import { randomBytes } from 'node:crypto';
import type { Json } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import { z } from 'zod';
import { principalIdOf } from '../callers/principal.ts';
import { readCaller, toLastingCaller } from '../callers/read-caller.ts';
import { type Held, heldSchema } from '../calls/held.ts';
import type { KeyedAttempt } from '../calls/keyed-records.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { Edge } from '../edge.ts';
import type { Target } from '../manifests/hosted-server.ts';
import type { ApprovalState, CallGate } from '../policies/gated-call.ts';
import { invalidParams } from '../protocol/mcp-error.ts';
import { type Use, useOnce } from '../use-once.ts';

/*
 * The state of a call is stored at its client while a person decides: sealed, valid for one hour, for one retry, and
 * only for the same request of the same principal on the plan that asked. If it contains an approval by the workspace,
 * it expires with that approval if that is earlier.
 */

const STATE_MS_MAX = 3600_000;

const contentSchema = z.strictObject({
  nonce: z.string(),
  /** The expiry time in Unix milliseconds. */
  expiresAt: z.int(),
  /** The state of the data plane. */
  state: z.string().optional(),
  /** This field and the next one are the state of the gate, if policies apply to the target. */
  asked: z.string().optional(),
  approved: z.array(z.string()).optional(),
  held: heldSchema.optional(),
});

/** The request that a state belongs to. */
export type AskingRequest = {
  request: McpRequest;
  target: Target;
  callArguments: unknown;
  gate?: CallGate | undefined;
  /** The attempt that holds the request's idempotency key. */
  keyed?: KeyedAttempt | undefined;
};

export function sealRequestState(
  { cipher }: Pick<Edge, 'cipher'>,
  asking: AskingRequest,
  { state, held, after }: { state?: string | undefined; held?: Held | undefined; after?: UsedState | undefined },
): string {
  const { usedNames = [], endsAt = Number.POSITIVE_INFINITY, ...gateState } = asking.gate?.state() ?? {};
  const expiresAt = Date.now() + STATE_MS_MAX;
  const content: z.infer<typeof contentSchema> = {
    nonce: nonceAfter(usedNames.length > 0 ? usedNames : after?.nonce),
    // A held call has already begun, so its approvals need not be valid any more.
    expiresAt: held === undefined ? Math.min(expiresAt, endsAt) : expiresAt,
    ...(state === undefined ? {} : { state }),
    ...gateState,
    ...(held === undefined ? {} : { held: { keyed: asking.keyed && toCarried(asking.keyed), ...held } }),
  };
  return cipher.seal(bindingOf(asking), JSON.stringify(content));
}

/**
 * States that follow from the same use have the same nonce. Otherwise, after somebody has made Redis forget that use,
 * two edges could each derive a state from it, and one edge would accept both.
 */
function nonceAfter(used: string | string[] | undefined): string {
  return used === undefined ? randomBytes(16).toString('base64url') : digestOf(used);
}

/** `release` is for a call that did not execute anything: its client can use the state again. */
export type UsedState = Use & {
  nonce: string;
  /** The state of the data plane. */
  state: string | undefined;
  gateState: ApprovalState;
  /** The call that has begun and waits for answers. */
  held: Held | undefined;
};

/**
 * Uses a state up. Throws −32602 for a state that was used before and for any other text, and throws
 * `queue_unavailable`.
 */
export async function useRequestState(
  edge: Pick<Edge, 'cipher' | 'store' | 'usedOnce'>,
  asking: AskingRequest,
  sealed: unknown,
): Promise<UsedState> {
  const content = open(edge, asking, sealed);
  if (content === undefined || content.expiresAt <= Date.now()) {
    throw invalidParams('requestState does not belong to this request or has expired; send the request without it');
  }
  const { nonce, expiresAt, state, asked, approved, held } = content;
  const use = await useOnce(edge, `request-state ${nonce}`, expiresAt);
  if (use === undefined) throw invalidParams('requestState was already used; send the request without it');
  return { ...use, nonce, state, gateState: { asked, approved, endsAt: expiresAt }, held };
}

/** Returns the call that has begun and waits for the answers in a request. Reading the state does not use it up. */
export function peekHeld(edge: Pick<Edge, 'cipher'>, asking: AskingRequest): Held | undefined {
  const { requestState } = asking.request.params;
  return requestState === undefined ? undefined : open(edge, asking, requestState)?.held;
}

function open({ cipher }: Pick<Edge, 'cipher'>, asking: AskingRequest, sealed: unknown) {
  if (typeof sealed !== 'string') return undefined;
  try {
    return contentSchema.parse(JSON.parse(cipher.open(bindingOf(asking), sealed)));
  } catch {
    return undefined;
  }
}

function bindingOf({ request, target, callArguments }: AskingRequest) {
  const { server, principal, method } = request;
  // The same caller may have a different token once a person has answered.
  const caller = toLastingCaller(readCaller(request, target));
  const aad = [
    server.manifest.serverId,
    principalIdOf(principal),
    method,
    target.serverId,
    target.name,
    target.planDigest,
    digestOf({ arguments: (callArguments === undefined ? {} : callArguments) as Json, ...caller } as Json),
  ];
  return { purpose: 'request-state', party: 'edge', aad: JSON.stringify(aad) } as const;
}

/** Returns the members that edges of every release read. */
function toCarried({ recordId, requestDigest, attempt }: KeyedAttempt): KeyedAttempt {
  return { recordId, requestDigest, attempt };
}

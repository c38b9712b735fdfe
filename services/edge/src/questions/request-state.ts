import { randomBytes } from 'node:crypto';
import type { Json } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import { z } from 'zod';
import { principalIdOf } from '../callers/principal.ts';
import { readCaller, toLastingCaller } from '../callers/read-caller.ts';
import { type Held, heldSchema } from '../calls/held.ts';
import type { Attempt } from '../calls/keyed-records.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { Edge } from '../edge.ts';
import type { Target } from '../manifests/hosted-server.ts';
import type { ApprovalState } from '../policies/approvals.ts';
import type { CallGate } from '../policies/call-gate.ts';
import { invalidParams } from '../protocol/mcp-error.ts';
import { trySoon } from '../try-soon.ts';

/*
 * The state of a call is stored at its client while a person thinks: sealed, valid for one hour, for one retry, and
 * only for the same request of the same principal on the plan that asked.
 */

const STATE_MS_MAX = 3600_000;

const contentSchema = z.strictObject({
  nonce: z.string(),
  /** Unix milliseconds. */
  expiresAt: z.int(),
  /** The state of the data plane. */
  state: z.string().optional(),
  /** The state of the gate of a tool that policies apply to. */
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
  /** The session with which it has its idempotency key. */
  keyed?: Attempt | undefined;
};

export function sealRequestState(
  { cipher }: Pick<Edge, 'cipher'>,
  asking: AskingRequest,
  { state, held }: { state?: string | undefined; held?: Held | undefined },
): string {
  const content: z.infer<typeof contentSchema> = {
    nonce: randomBytes(16).toString('base64url'),
    expiresAt: Date.now() + STATE_MS_MAX,
    ...(state === undefined ? {} : { state }),
    ...asking.gate?.state(),
    ...(held === undefined ? {} : { held: { keyed: asking.keyed && toCarried(asking.keyed), ...held } }),
  };
  return cipher.seal(bindingOf(asking), JSON.stringify(content));
}

export type UsedState = {
  /** The state of the data plane. */
  state: string | undefined;
  gateState: ApprovalState;
  /** The call has begun, and waits. */
  held: Held | undefined;
  /** For a call that is proved not to have executed anything: its client can use the state again. */
  giveBack(): Promise<void>;
};

/** Uses a state up. Throws −32602 for one that was used before and for any other text, and `queue_unavailable`. */
export async function useRequestState(
  edge: Pick<Edge, 'cipher' | 'store'>,
  asking: AskingRequest,
  sealed: unknown,
): Promise<UsedState> {
  const content = open(edge, asking, sealed);
  const leftMs = (content?.expiresAt ?? 0) - Date.now();
  if (content === undefined || leftMs <= 0) {
    throw invalidParams('requestState does not belong to this request or has expired; send the request without it');
  }
  const nonce = `request-state ${content.nonce}`;
  const user = randomBytes(16).toString('base64url');
  const giveBack = () => trySoon(() => edge.store.releaseOnce(nonce, user));
  let isFirst: boolean;
  try {
    isFirst = await edge.store.useOnce(nonce, leftMs, user);
  } catch (thrown) {
    // It may have been recorded nevertheless.
    void giveBack();
    throw thrown;
  }
  if (!isFirst) throw invalidParams('requestState was already used; send the request without it');
  const { state, asked, approved, held } = content;
  return { state, gateState: { asked, approved }, held, giveBack };
}

/** The begun call that waits for the answers in a request. Reading it does not use it up. */
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
  // The same caller may have another token once a person has answered.
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

/** The members that edges of any release read. */
function toCarried({ recordId, requestDigest, attempt }: Attempt): Attempt {
  return { recordId, requestDigest, attempt };
}

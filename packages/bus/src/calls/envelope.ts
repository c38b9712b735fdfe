import { type CallReport, callReportSchema, type Json, type Outcome, outcomeSchema } from '@toolplane/contracts';
import { type CallCipher, EnvelopeRejected } from '@toolplane/sealing';
import { z } from 'zod';

/** Since version 2, the reply may have a report. Since version 3, the fence is laid before the call is queued. */
export const ENVELOPE_VERSION = 3;

/** How long the reply of a call is kept, and for how long a caller can request it to be kept. */
export const KEEP_REPLY_MS = 60_000;
const KEEP_REPLY_MS_MAX = 24 * 60 * 60 * 1000;

/** The nearest duration that a worker accepts. */
export const keptMs = (ms: number) => Math.min(Math.max(Math.ceil(ms), KEEP_REPLY_MS), KEEP_REPLY_MS_MAX);

/** A worker accepts this version and the one before, so workers are deployed before callers. */
export const isSupportedVersion = (v: number) => v === ENVELOPE_VERSION || v === ENVELOPE_VERSION - 1;

/** Callers of the previous version do not lay fences. */
export const laysFences = (v: number) => v >= 3;

/**
 * A call as it is stored in the queue: routing in the clear, everything else in `sealed`. These fields are the part
 * that no version changes, so that even a call of an unknown version can be distinguished from a forgery and answered.
 */
export const envelopeSchema = z.strictObject({
  v: z.int().min(1),
  tenant: z.string(),
  /** The caller, which is also the party that keys are derived for. */
  replyTo: z.string(),
  /** Unix milliseconds. */
  deadline: z.int(),
  epoch: z.string(),
  /** Present only if the reply is kept for longer than others. */
  keepReplyMs: z.int().min(KEEP_REPLY_MS).max(KEEP_REPLY_MS_MAX).optional(),
  /** The lease with which the call was admitted. Absent if the caller is of the previous release. */
  lease: z.strictObject({ id: z.string(), weight: z.int().min(1) }).optional(),
  sealed: z.string(),
});
export type Envelope = z.infer<typeof envelopeSchema>;

export type Routing = Omit<Envelope, 'sealed'> & { queue: string; callId: string };

export type OpenedCall = Routing & { body: Json };

/** `text` is the body as JSON. */
export function sealCall(cipher: CallCipher, { queue, callId, ...routing }: Routing, text: string): Envelope {
  const binding = callBinding({ queue, callId, ...routing });
  return { ...routing, sealed: cipher.seal(binding, text) };
}

/** Throws `EnvelopeRejected` unless a caller sealed exactly this call for exactly this queue. */
export function openCall(cipher: CallCipher, queue: string, callId: string, job: unknown): OpenedCall {
  const parsed = envelopeSchema.safeParse(job);
  if (!parsed.success) throw new EnvelopeRejected();
  const { sealed, ...clear } = parsed.data;
  const routing = { queue, callId, ...clear };
  return { ...routing, body: JSON.parse(cipher.open(callBinding(routing), sealed)) };
}

export type ReplyRouting = Pick<Routing, 'queue' | 'callId' | 'tenant' | 'replyTo'>;

/** `report` is absent if nothing ran. */
export type Reply = { outcome: Outcome; report?: CallReport | undefined };

/** A reply as a caller receives it; `bytes` is the size of the reply before it was sealed. */
export type OpenedReply = Reply & { bytes: number };

/** A reply as it is stored and published: the call's id, a space, the sealed outcome, with its report if it has one. */
export function sealReply(cipher: CallCipher, routing: ReplyRouting, { outcome, report }: Reply): string {
  const text = JSON.stringify(report === undefined ? outcome : { outcome, report });
  return `${routing.callId} ${cipher.seal(replyBinding(routing), text)}`;
}

export const callIdOf = (reply: string) => reply.slice(0, Math.max(reply.indexOf(' '), 0));

/**
 * Throws `EnvelopeRejected` unless a worker sealed this reply for this call of this caller. A report that cannot be
 * read is left out: the outcome is what counts.
 */
export function openReply(cipher: CallCipher, routing: ReplyRouting, reply: string): OpenedReply {
  const text = cipher.open(replyBinding(routing), reply.slice(reply.indexOf(' ') + 1));
  const body = JSON.parse(text) as { ok?: unknown; outcome?: unknown; report?: unknown };
  const hasReport = typeof body?.outcome === 'object';
  const parsed = outcomeSchema.safeParse(hasReport ? body.outcome : body);
  if (!parsed.success) throw new EnvelopeRejected();
  const report = hasReport ? callReportSchema.safeParse(body.report).data : undefined;
  return { outcome: parsed.data, report, bytes: Buffer.byteLength(text) };
}

function callBinding({ v, queue, callId, tenant, replyTo, deadline, epoch, keepReplyMs, lease }: Routing) {
  // The two have different types, so that neither can be mistaken for the other.
  const keeping = keepReplyMs === undefined ? [] : [keepReplyMs];
  const admitted = lease === undefined ? [] : [[lease.id, lease.weight]];
  const aad = JSON.stringify([v, queue, callId, tenant, replyTo, deadline, epoch, ...keeping, ...admitted]);
  return { purpose: 'call', party: replyTo, aad } as const;
}

function replyBinding({ queue, callId, tenant, replyTo }: ReplyRouting) {
  return { purpose: 'reply', party: replyTo, aad: JSON.stringify([queue, callId, tenant, replyTo]) } as const;
}

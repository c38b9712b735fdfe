/*
 * Ended calls on their way from the edges to the control plane, as batches in a stream in Redis. Batches are compressed
 * and sealed, so a reader of Redis learns only how many there are and when they were written, and a writer cannot forge
 * one. Restoring an old batch changes nothing, because a call that is already in the log is not added again.
 */
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { type CallKeys, createCallCipher, type EnvelopeBinding } from '@toolplane/sealing';
import { keys as redisKeys } from '../keys.ts';
import { type CallBatch, callBatchSchema, loggedCallSchema } from './logged-call.ts';

export const CALLS_PER_BATCH_MAX = 500;
/** The maximum size of a decompressed batch. Batches of edges are far smaller. */
const BATCH_BYTES_MAX = 4 << 20;

const [pack, unpack] = [promisify(deflateRaw), promisify(inflateRaw)];
const binding: EnvelopeBinding = { purpose: 'call-log', party: '', aad: redisKeys.callLog };

export type CallBatches = {
  seal(batch: CallBatch): Promise<string>;
  /** Resolves with undefined for anything that was not sealed as a batch with these keys. */
  open(sealed: string): Promise<CallBatch | undefined>;
};

/** Compression runs in its own thread, so it does not delay calls. */
export function createCallBatches(keys: CallKeys): CallBatches {
  const cipher = createCallCipher(keys);
  return {
    async seal(batch) {
      const packed = await pack(JSON.stringify(batch));
      return cipher.seal(binding, packed.toString('base64'));
    },
    async open(sealed) {
      try {
        const packed = Buffer.from(cipher.open(binding, sealed), 'base64');
        const text = (await unpack(packed, { maxOutputLength: BATCH_BYTES_MAX })).toString();
        const { calls, lost } = callBatchSchema.parse(JSON.parse(text));
        return { calls: calls.flatMap((call) => loggedCallSchema.safeParse(call).data ?? []), lost };
      } catch {
        return undefined;
      }
    },
  };
}

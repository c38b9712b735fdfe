/*
 * Ended calls on their way from the edges to the control plane: batches in a stream in Redis. They are packed and
 * sealed, so whoever reads Redis learns how many there were and when, and whoever writes it cannot make one up. Putting
 * an old one back changes nothing, because a call that is in the log already is not added again.
 */
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { type CallKeys, createCallCipher, type EnvelopeBinding } from '@toolplane/sealing';
import { keys as redisKeys } from '../keys.ts';
import { type CallBatch, callBatchSchema, loggedCallSchema } from './logged-call.ts';

export const CALLS_PER_BATCH_MAX = 500;
/** Of an unpacked batch; batches of edges are far smaller. */
const BATCH_BYTES_MAX = 4 << 20;

const [pack, unpack] = [promisify(deflateRaw), promisify(inflateRaw)];
const binding: EnvelopeBinding = { purpose: 'call-log', party: '', aad: redisKeys.callLog };

export type CallBatches = {
  seal(batch: CallBatch): Promise<string>;
  /** Undefined for anything that was not written here with the keys. */
  open(sealed: string): Promise<CallBatch | undefined>;
};

/** Packing runs in its own thread, so it does not delay calls. */
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

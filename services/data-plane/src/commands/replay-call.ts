import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { AppError, type Json, type ReplayRequest, replayRequestSchema } from '@toolplane/contracts';
import { createFairSemaphore, type FairSemaphore } from '../documents/fair-semaphore.ts';
import type { RunServices } from '../execution/run.ts';
import { replayCall } from '../replay/replay-call.ts';

/** The size limit of a plan and its recording, as JSON. */
const REQUEST_BYTES_MAX = 16 * 1024 * 1024;

export type ReplayPacked = (
  gzipped: string,
  asker: { tenant: string; signal: AbortSignal; leaveSlot(): void },
) => Promise<Json>;

/** A replay runs without pauses, so only a few run at once, and only one per tenant. */
export function createReplays(onInternalError: RunServices['onInternalError']): ReplayPacked {
  const turns: FairSemaphore = createFairSemaphore({
    atOnce: 2,
    tenantAtOnce: 1,
    waitMsMax: 10_000,
    refusal: 'Too many calls are being replayed right now',
  });
  return (gzipped, { tenant, signal, leaveSlot }) =>
    turns({ tenant, signal, onWait: leaveSlot }, async () => {
      const request = await unpack(gzipped);
      if (request.plan.workspaceId !== tenant) throw new AppError('not_found', 'Not found');
      const replay = await replayCall(request, signal, onInternalError);
      return { gzipped: (await gzipBytes(JSON.stringify(replay))).toString('base64') };
    });
}

async function unpack(gzipped: string): Promise<ReplayRequest> {
  try {
    const bytes = await gunzipBytes(Buffer.from(gzipped, 'base64'), { maxOutputLength: REQUEST_BYTES_MAX });
    return replayRequestSchema.parse(JSON.parse(bytes.toString()));
  } catch (cause) {
    throw new AppError('invalid_request', 'Not a plan and a recording of this release', { cause });
  }
}

const gzipBytes = promisify<string, Buffer>(gzip);
const gunzipBytes = promisify(gunzip);

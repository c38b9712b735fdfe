import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { AppError, type Json, type ReplayRequest, replayRequestSchema } from '@toolplane/contracts';
import { createSemaphore } from '@toolplane/service-kit';
import type { Requester } from '../documents/fetch-document.ts';
import type { RunServices } from '../execution/run.ts';
import { replayCall } from '../replay/replay-call.ts';

/** The size limit of a plan and its recording, as JSON. */
const REQUEST_BYTES_MAX = 16 * 1024 * 1024;

const REPLAYS_MAX = 2;
const WAIT_MS_MAX = 10_000;

export type ReplayPacked = (gzipped: string, requester: Requester) => Promise<Json>;

/** A replay runs without pauses, so only a few run at once, and only one per tenant. */
export function createReplays(onInternalError: RunServices['onInternalError']): ReplayPacked {
  const replays = createSemaphore({ slotsMax: REPLAYS_MAX, slotsPerKeyMax: 1, toError: tooMany });

  async function replay(gzipped: string, { tenant, signal }: Requester): Promise<Json> {
    const request = await unpack(gzipped);
    if (request.plan.workspaceId !== tenant) throw new AppError('not_found', 'Not found');
    const replayed = await replayCall(request, signal, onInternalError);
    return { gzipped: (await gzipBytes(JSON.stringify(replayed))).toString('base64') };
  }

  return (gzipped, requester) => {
    const { tenant: key, signal, onWait } = requester;
    return replays.run(() => replay(gzipped, requester), { key, timeoutMs: WAIT_MS_MAX, signal, onWait });
  };
}

function tooMany(): AppError {
  return new AppError('config_unavailable', 'Too many calls are being replayed right now');
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

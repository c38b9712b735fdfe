import { externalLimits, type Json } from '@toolplane/contracts';
import { UpstreamError } from '../egress/upstream-error.ts';
import type { ExternalConnection } from './connection.ts';
import { isNestedDeeper } from './nesting.ts';

const PAGES_MAX = 100;
/** The depth limit of one list; a list that is nested deeper is not valid. */
const DEPTH_MAX = 3000;
/** The size limit of all pages of one list. */
const BYTES_MAX = 5 * 1024 * 1024;

/**
 * Reads page after page, up to the limit, which also ends the list of a server that repeats a cursor or never stops.
 */
export async function listAll(
  connection: ExternalConnection,
  method: string,
  member: string,
  limits: () => { timeoutMs: number; signal: AbortSignal },
): Promise<{ items: Json[]; isCut: boolean }> {
  const items: Json[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  let bytes = 0;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const result = await connection.request({ method, params, ...limits() });
    if (result['resultType'] === 'input_required') {
      throw new UpstreamError('external_server_failed', `The external server asks questions before ${method}`);
    }
    const list = result[member];
    if (!Array.isArray(list) || isNestedDeeper(list, DEPTH_MAX)) {
      throw new UpstreamError('external_server_failed', `The external server answered ${method} with no list`);
    }
    bytes += Buffer.byteLength(JSON.stringify(list));
    if (bytes > BYTES_MAX) return { items, isCut: true };
    items.push(...list.slice(0, externalLimits.entriesMax + 1 - items.length));
    if (items.length > externalLimits.entriesMax)
      return { items: items.slice(0, externalLimits.entriesMax), isCut: true };
    const next = result['nextCursor'];
    if (typeof next !== 'string') return { items, isCut: false };
    if (seen.has(next)) return { items, isCut: true };
    seen.add(next);
    cursor = next;
  }
  return { items, isCut: true };
}

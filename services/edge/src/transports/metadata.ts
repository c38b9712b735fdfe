import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { describeResource, METADATA_PATH } from '../callers/tokens/resource.ts';
import type { Edge } from '../edge.ts';
import { sendJson } from './answers.ts';
import { answerPreflight } from './cors.ts';

const PATH = new RegExp(`^${METADATA_PATH.replaceAll('.', '\\.')}/mcp/(srv_[A-Za-z0-9_-]{1,60})/?(?:\\?|$)`);

/** Returns the id of the server whose metadata is requested (RFC 9728). */
export function readMetadataPath(url = ''): string | undefined {
  return PATH.exec(url)?.[1];
}

export async function serveMetadata(
  edge: Pick<Edge, 'publicUrl' | 'snapshot'>,
  serverId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method } = request;
  if (method === 'OPTIONS') return answerPreflight(request, response);
  if (method !== 'GET' && method !== 'HEAD')
    throw new AppError('method_not_allowed', 'This endpoint supports only GET');
  const text = JSON.stringify(await describeResource(edge, serverId));
  // Node omits the body from the answer to a HEAD.
  sendJson(response, 200, text, { 'cache-control': 'max-age=60' });
}

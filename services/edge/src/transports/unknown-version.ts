import type { IncomingMessage, ServerResponse } from 'node:http';
import { toText } from '../mcp/mcp-headers.ts';
import { unsupportedVersion } from '../mcp/read-message.ts';
import { isUnknownVersion } from '../protocol/protocol.ts';
import { errorText } from '../protocol/rpc-text.ts';
import { sendJson } from './answers.ts';

/**
 * Refuses a request that contains no message because of its version, in the same way as a message. Returns true if it
 * was refused.
 */
export function refuseUnknownVersion({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const version = toText(headers['mcp-protocol-version']);
  if (!isUnknownVersion(version)) return false;
  sendJson(response, 400, errorText(null, unsupportedVersion(version)));
  return true;
}

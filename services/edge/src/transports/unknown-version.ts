import type { IncomingMessage, ServerResponse } from 'node:http';
import { toText } from '../mcp/mcp-headers.ts';
import { isUnknownVersion } from '../mcp/protocol.ts';
import { unsupportedVersion } from '../mcp/read-message.ts';
import { errorText } from '../mcp/rpc-text.ts';
import { sendJson } from './answers.ts';

/** What carries no message is refused for its version as a message is. True when it was. */
export function refuseUnknownVersion({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const version = toText(headers['mcp-protocol-version']);
  if (!isUnknownVersion(version)) return false;
  sendJson(response, 400, errorText(null, unsupportedVersion(version)));
  return true;
}

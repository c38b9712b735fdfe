import type { IncomingHttpHeaders } from 'node:http';
import { classifyInboundRequest } from '@modelcontextprotocol/server';
import type { Json } from '@toolplane/contracts';
import { type JsonRecord, toRecord } from '../protocol/json-record.ts';
import { McpError, rpcCodes } from '../protocol/mcp-error.ts';
import {
  isUnknownVersion,
  legacyProtocolVersions,
  MODERN_PROTOCOL_VERSION,
  metaKeys,
  PROTOCOL_VERSION_WITHOUT_HEADER,
} from '../protocol/protocol.ts';
import { REQUEST_ID_LENGTH_MAX } from '../protocol/request-id.ts';
import { doHeadersAgree, headerMismatch, toText } from './mcp-headers.ts';

/** The content of a POST, in the terms of its era. */
export type Message =
  | {
      kind: 'request';
      era: 'legacy' | 'modern';
      protocolVersion: string;
      id: string | number;
      method: string;
      params: JsonRecord;
      meta: JsonRecord;
    }
  | { kind: 'notification'; era: 'legacy' | 'modern'; method: string; params: JsonRecord }
  | { kind: 'response'; message: Json };

const servedVersions = [MODERN_PROTOCOL_VERSION, ...legacyProtocolVersions];

/** These texts replace those of the SDK, which quote the input. */
const texts: Readonly<Record<number, string>> = {
  [rpcCodes.invalidRequest]: 'Invalid request: the body is not one valid JSON-RPC message of its protocol version',
};

/**
 * Returns whether a message claims to be modern, rightly or wrongly. Modern messages have no session and ignore a
 * header that names one. No header except that of the version determines the era.
 */
export function claimsModern(message: unknown, headers: IncomingHttpHeaders): boolean {
  const meta = toRecord(toRecord(toRecord(message)['params'])['_meta']);
  return metaKeys.protocolVersion in meta || toText(headers['mcp-protocol-version']) === MODERN_PROTOCOL_VERSION;
}

/** Classifies one parsed message and checks it against the headers. Throws `McpError`. */
export function readMessage(message: unknown, headers: IncomingHttpHeaders): Message {
  const { id, method: sentMethod, params: sent } = toRecord(message);
  const version = versionOf(headers, sentMethod);
  const params = toRecord(sent);
  const meta = toRecord(params['_meta']);
  // If the body states no version, the header cannot contradict it.
  if (isUnknownVersion(version) && meta[metaKeys.protocolVersion] === undefined) throw unsupportedVersion(version);
  const route = classifyInboundRequest({
    httpMethod: 'POST',
    body: message,
    ...(version === undefined ? {} : { protocolVersionHeader: version }),
    ...(headers['mcp-method'] === undefined ? {} : { mcpMethodHeader: toText(headers['mcp-method']) ?? '' }),
  });
  if (route.kind === 'reject') {
    if (route.code === rpcCodes.headerMismatch) throw headerMismatch({ method: sentMethod, params, meta }, headers);
    if (route.code === rpcCodes.invalidParams) throw wrongEnvelope(route.data);
    throw refused(route.code, route.httpStatus);
  }
  // The messages of a batch are passed one by one, so a list is not a valid message.
  if (Array.isArray(message)) throw new McpError(rpcCodes.invalidRequest, texts[rpcCodes.invalidRequest] ?? '');
  refuseLongId(id);
  const kind = route.kind === 'legacy' ? route.reason : route.messageKind;
  if (kind === 'response') {
    // Modern clients receive no requests that a response could belong to.
    if (version === MODERN_PROTOCOL_VERSION) throw refused(rpcCodes.invalidRequest, 400);
    return { kind, message: message as Json };
  }
  const method = String(sentMethod);
  if (route.kind === 'modern') refuseOtherVersion(meta[metaKeys.protocolVersion]);
  if (kind === 'notification') return { kind, era: route.kind, method, params };
  const request = { kind: 'request', id: id as string | number, method, params, meta } as const;
  return route.kind === 'modern' ? toModern(request, headers) : toLegacy(request, version);
}

type Request = Omit<Extract<Message, { kind: 'request' }>, 'era' | 'protocolVersion'>;

function toModern(request: Request, headers: IncomingHttpHeaders): Message {
  if (!doHeadersAgree(request, headers)) throw headerMismatch(request, headers);
  return { ...request, era: 'modern', protocolVersion: MODERN_PROTOCOL_VERSION };
}

function toLegacy(request: Request, version: string | undefined): Message {
  return { ...request, era: 'legacy', protocolVersion: version ?? PROTOCOL_VERSION_WITHOUT_HEADER };
}

/** Before the handshake, no version has been agreed on, so any legacy version and an absent one are equivalent. */
function versionOf(headers: IncomingHttpHeaders, method: unknown): string | undefined {
  const version = toText(headers['mcp-protocol-version']);
  return method === 'initialize' && version !== MODERN_PROTOCOL_VERSION ? undefined : version;
}

/** Refuses a different version. Notifications need not state one. */
function refuseOtherVersion(claimed: unknown): void {
  if (claimed !== undefined && claimed !== MODERN_PROTOCOL_VERSION) {
    throw unsupportedVersion(claimed, [MODERN_PROTOCOL_VERSION]);
  }
}

/** The keys of `_meta` that the protocol defines. Any other key may contain the client's data. */
const ENVELOPE_KEY = /^io\.modelcontextprotocol\/[a-zA-Z.]{1,80}$/;

const REQUIRED_KEYS = [metaKeys.protocolVersion, metaKeys.clientCapabilities];

/** Returns an error that names what is wrong with `_meta`. */
function wrongEnvelope(data: unknown): McpError {
  const { key, missing } = toRecord(toRecord(data)['envelope']);
  const named = [Array.isArray(missing) ? missing : key].flat();
  const wanted = named.includes('_meta') ? REQUIRED_KEYS : named;
  const keys = wanted.filter((each) => ENVELOPE_KEY.test(String(each)));
  const what = keys.length === 0 ? 'something' : keys.join(' and ');
  const message = `Invalid params: ${what} in _meta is missing or does not have the form that protocol version ${MODERN_PROTOCOL_VERSION} requires`;
  return new McpError(rpcCodes.invalidParams, message, { status: 400 });
}

function refuseLongId(id: unknown): void {
  if (typeof id !== 'string' || id.length <= REQUEST_ID_LENGTH_MAX) return;
  const message = `Invalid request: an id may have at most ${REQUEST_ID_LENGTH_MAX} characters`;
  throw new McpError(rpcCodes.invalidRequest, message, { status: 400 });
}

function refused(code: number, status: number): McpError {
  return new McpError(code, texts[code] ?? 'Invalid request', { status });
}

/** Returns the error for an unsupported version. `_meta` can only name versions that `server/discover` lists. */
export function unsupportedVersion(requested: unknown, supported: readonly string[] = servedVersions): McpError {
  const data = {
    supported: [...supported],
    requested: typeof requested === 'string' ? requested.slice(0, 32) : 'unknown',
  };
  return new McpError(rpcCodes.unsupportedProtocolVersion, 'Unsupported protocol version', { data, status: 400 });
}

import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject } from '@toolplane/contracts';
import type { JsonRecord } from '../protocol/json-record.ts';
import {
  IDEMPOTENCY_META_KEY,
  isLegacyVersion,
  MODERN_PROTOCOL_VERSION,
  metaKeys,
  PROTOCOL_VERSION_WITHOUT_HEADER,
} from '../protocol/protocol.ts';
import { isRequestId } from '../protocol/request-id.ts';

/**
 * A request that is correct in every respect that the transport can check, and that requests nothing but its result.
 */
export type PlainRequest = {
  id: string | number;
  era: 'legacy' | 'modern';
  protocolVersion: string;
  method: string;
  params: JsonRecord;
  meta: JsonRecord | undefined;
};

/**
 * Recognises the requests of the hot path. Only plainly correct requests pass. For anything unusual, returns
 * `undefined`: it takes the general path, which gives the same answers. So this check can be strict and stay small.
 */
export function toPlainRequest(message: unknown, headers: IncomingHttpHeaders): PlainRequest | undefined {
  if (!isJsonObject(message) || message['jsonrpc'] !== '2.0' || !hasOnly(message, membersOfRequest)) return undefined;
  const { id, method, params = noParams } = message;
  if (!isRequestId(id) || typeof method !== 'string' || !isJsonObject(params)) return undefined;
  const { _meta: meta } = params;
  if (meta !== undefined && !isJsonObject(meta)) return undefined;
  if (!isPlain(params, meta, headers)) return undefined;
  if (meta !== undefined && metaKeys.protocolVersion in meta) {
    if (!isModern(meta, headers, method, params)) return undefined;
    return { id, era: 'modern', protocolVersion: MODERN_PROTOCOL_VERSION, method, params, meta };
  }
  const version = headers['mcp-protocol-version'] ?? PROTOCOL_VERSION_WITHOUT_HEADER;
  if (!isLegacyVersion(version)) return undefined;
  return { id, era: 'legacy', protocolVersion: version, method, params, meta };
}

const noParams: JsonRecord = Object.freeze({});

const membersOfRequest: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params']);

function hasOnly(record: JsonRecord, names: ReadonlySet<string>): boolean {
  for (const name in record) if (!names.has(name)) return false;
  return true;
}

/**
 * Returns whether the client needs no notifications, no stored state and no questions, and accepts a JSON body as the
 * answer.
 */
function isPlain(params: JsonRecord, meta: JsonRecord | undefined, headers: IncomingHttpHeaders): boolean {
  const { accept } = headers;
  return (
    headers['idempotency-key'] === undefined &&
    params['inputResponses'] === undefined &&
    params['requestState'] === undefined &&
    (accept === undefined ||
      ((accept.includes('application/json') || accept.includes('*/*')) && !accept.includes('=0'))) &&
    (meta === undefined || !extrasOfMeta.some((key) => key in meta))
  );
}

const extrasOfMeta = [
  'progressToken',
  metaKeys.logLevel,
  IDEMPOTENCY_META_KEY,
  // A field of 2025-11-25 that has no meaning here, but whose form is checked.
  'io.modelcontextprotocol/related-task',
];

/** Checks that the headers match the body, as MCP 2026-07-28 requires. */
function isModern(meta: JsonRecord, headers: IncomingHttpHeaders, method: string, params: JsonRecord): boolean {
  return (
    meta[metaKeys.protocolVersion] === MODERN_PROTOCOL_VERSION &&
    isPlainClient(meta[metaKeys.clientInfo]) &&
    arePlainCapabilities(meta[metaKeys.clientCapabilities]) &&
    headers['mcp-protocol-version'] === MODERN_PROTOCOL_VERSION &&
    headers['mcp-method'] === method &&
    // Methods that do not identify their object by `name` are not on the hot path.
    headers['mcp-name'] === params['name']
  );
}

/** Returns whether `clientInfo` is plain: all members of `Implementation` except icons are texts. */
function isPlainClient(clientInfo: unknown): boolean {
  if (clientInfo === undefined) return true;
  if (!isJsonObject(clientInfo) || clientInfo['name'] === undefined || clientInfo['version'] === undefined)
    return false;
  for (const name in clientInfo) if (typeof clientInfo[name] !== 'string') return false;
  return true;
}

/**
 * Returns whether the capabilities are objects of objects, down to where the protocol does not define their content.
 */
function arePlainCapabilities(capabilities: unknown): boolean {
  if (!isJsonObject(capabilities)) return false;
  for (const name in capabilities) {
    const capability = capabilities[name];
    if (!isJsonObject(capability)) return false;
    for (const part in capability) {
      const said = capability[part];
      const isFlag = name === 'roots' && part === 'listChanged' && typeof said === 'boolean';
      if (!isFlag && (!isJsonObject(said) || 'applyDefaults' in said)) return false;
    }
  }
  return true;
}

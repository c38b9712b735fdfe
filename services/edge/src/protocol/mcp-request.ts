import type { IncomingHttpHeaders } from 'node:http';
import type { Ability, InputRequest, Json, JsonObject, LogLevel } from '@toolplane/contracts';
import type { Principal } from '../callers/principal.ts';
import type { CallTrace } from '../callers/trace-carrier.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import type { Session } from '../sessions/session-id.ts';
import type { JsonRecord } from './json-record.ts';

/** What a client says about itself: in each modern request, or in the `initialize` that started a legacy session. */
export type Client = { abilities: ReadonlySet<Ability>; knowsTasks: boolean };

/** One JSON-RPC request on its way to its answer, whatever transport it came over. */
export type McpRequest = {
  readonly era: 'legacy' | 'modern';
  readonly protocolVersion: string;
  readonly id: string | number;
  readonly method: string;
  readonly params: JsonRecord;
  /** `params._meta`. */
  readonly meta: JsonRecord;
  readonly server: HostedServer;
  readonly principal: Principal;
  /** Legacy only, and only for clients that keep to the session they were given. */
  readonly session: Session | undefined;
  readonly client: Client;
  /** The client wants log messages from this level on. */
  readonly logLevel: LogLevel | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The span that asks for this; absent: the client says where it belongs. */
  readonly trace?: CallTrace;
  /** Fires when the client cancels, by the rules of its era. */
  readonly signal: AbortSignal;
  /** Sends a notification about this request before its answer; undefined when the transport cannot. */
  readonly notify: ((method: string, params: JsonObject) => void) | undefined;
  /**
   * Legacy only: asks the client on the open stream and waits for its answer. Rejects with `input_declined` when the
   * client refuses, otherwise with the reason of the signal.
   */
  readonly ask: ((request: InputRequest, signal: AbortSignal) => Promise<Json>) | undefined;
};

/** JSON text, because no other code processes the result before it is sent. */
export type Result =
  | {
      /** `resultType` of the modern era; absent = `complete`. */
      kind?: 'complete' | 'input_required' | 'task';
      /** Members of the result without braces and without `_meta`. */
      members: string;
      meta?: JsonObject;
      headers?: Record<string, string>;
    }
  /** A whole result made for this era, and the brace that closes the answer. */
  | { prepared: Buffer };

export type TextResult = Extract<Result, { members: string }>;

/** Answers one method. Throws `McpError` for what JSON-RPC calls an error; anything else thrown is an internal one. */
export type Handle = (request: McpRequest, edge: Edge) => Promise<Result> | Result;

/** An error answer. The message never quotes the request. */
export class McpError extends Error {
  readonly code: number;
  readonly data: Json | undefined;
  /** HTTP status where it is not the usual one for the code. */
  readonly status: number | undefined;

  constructor(code: number, message: string, { data, status }: { data?: Json; status?: number } = {}) {
    super(message);
    this.name = 'McpError';
    this.code = code;
    this.data = data;
    this.status = status;
  }
}

export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** Legacy only; from 2026-07-28 on it is `invalidParams`. */
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingClientCapability: -32021,
  unsupportedProtocolVersion: -32022,
  /** 2025-11-25 only. */
  urlElicitationRequired: -32042,
} as const;

export function invalidParams(message: string, data?: Json): McpError {
  return new McpError(rpcCodes.invalidParams, message, data === undefined ? {} : { data });
}

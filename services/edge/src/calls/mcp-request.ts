import type { IncomingHttpHeaders } from 'node:http';
import type { Ability, InputRequest, Json, JsonObject, LogLevel } from '@toolplane/contracts';
import type { Principal } from '../callers/principal.ts';
import type { CallTrace } from '../callers/trace-carrier.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import type { JsonRecord } from '../protocol/json-record.ts';
import type { McpSession } from '../sessions/session-id.ts';

/** What a client declares about itself, in each modern request or in the `initialize` that started a legacy session. */
export type Client = { abilities: ReadonlySet<Ability>; knowsTasks: boolean };

/** One JSON-RPC request that is being answered, whatever transport it arrived over. */
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
  /** Present only for legacy clients that send the session id they received. */
  readonly session: McpSession | undefined;
  readonly client: Client;
  /** The lowest level of log messages that the client wants. */
  readonly logLevel: LogLevel | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The span that causes this request. If absent, the client determines its trace. */
  readonly trace?: CallTrace;
  /** Fires when the client cancels the request, by the rules of its era. */
  readonly signal: AbortSignal;
  /** Sends a notification about this request before its answer; undefined if the transport cannot send one. */
  readonly notify: ((method: string, params: JsonObject) => void) | undefined;
  /**
   * Legacy only: sends the client a request on the open stream and waits for its answer. Rejects with `input_declined`
   * if the client refuses, otherwise with the reason of the signal.
   */
  readonly ask: ((request: InputRequest, signal: AbortSignal) => Promise<Json>) | undefined;
};

import type { IncomingHttpHeaders } from 'node:http';
import type { Ability, InputRequest, Json, JsonObject, LogLevel } from '@toolplane/contracts';
import type { Principal } from '../callers/principal.ts';
import type { CallTrace } from '../callers/trace-carrier.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import type { JsonRecord } from '../protocol/json-record.ts';
import type { Session } from '../sessions/session-id.ts';

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

import type { CallRequest } from '@toolplane/bus';
import type { ToolCall } from '@toolplane/contracts';
import type { Principal } from '../callers/principal.ts';
import type { CallTrace } from '../callers/trace-carrier.ts';
import type { HostedServer, Target } from '../manifests/hosted-server.ts';
import type { Admit } from '../policies/gated-call.ts';

/** A call that runs the plan of a tool, a prompt or a resource. */
export type TargetCall = {
  server: HostedServer;
  target: Omit<Target, 'usesConnection'>;
  /** The JSON-RPC method that the client used. */
  method: string;
  /** The arguments as the client sent them; they may not be an object. */
  callArguments: unknown;
  caller: ToolCall['caller'];
  /** The caller, for the call log. Absent if the edge itself makes the call. */
  principal?: Principal;
  trace: CallTrace;
  protocolVersion: string;
  signal?: AbortSignal | undefined;
  /** The recorded deadline in Unix milliseconds. If absent, the target's time counts from now. */
  deadline?: number;
  /** The number of Toolplane servers that the call has passed through. */
  hops?: number;
  /** Present only for plans that ask questions. */
  asking?: Pick<ToolCall, 'abilities' | 'inputResponses' | 'state'>;
  events?: ToolCall['events'];
  /** If true, the client answers questions during the call with another request, which any edge may receive. */
  holds?: boolean;
  /** Present for a tool that policies apply to. */
  admit?: Admit | undefined;
  /** The call belongs to a task. */
  isTask?: true;
  /** The client's unvalidated description of itself, for the call log. */
  clientInfo?: unknown;
  /** The caller may inspect the call: the answer includes its timing. */
  isDebug?: true;
  /** The token of the debug session that makes the call; the answer then also includes the trace. */
  debugToken?: string;
} & Pick<CallRequest, 'callId' | 'keepReplyMs' | 'onEvent' | 'onQuestion' | 'onQueued'>;

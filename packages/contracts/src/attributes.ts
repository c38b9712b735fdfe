/**
 * The only attribute names of spans. One that is not here is dropped before export, because an
 * allow-list fails closed. Names follow the OpenTelemetry semantic conventions for MCP, HTTP and messaging.
 */
export const attributes = {
  mcpMethod: 'mcp.method.name',
  mcpProtocolVersion: 'mcp.protocol.version',
  toolName: 'gen_ai.tool.name',
  rpcRequestId: 'jsonrpc.request.id',
  serverId: 'toolplane.server.id',
  workspaceId: 'toolplane.workspace.id',
  callId: 'toolplane.call.id',
  /** Of a debug session: a span with it is exported regardless of sampling. */
  debugSession: 'toolplane.debug.session',
  outcome: 'toolplane.outcome',
  /** Nothing ran: the answer is that of the call that this span is linked to. */
  isReplayed: 'toolplane.call.replayed',
  /** Id of the rule or limit of a policy that decided against a call. */
  policyRule: 'toolplane.policy.rule',
  planDigest: 'toolplane.plan.digest',
  stepId: 'toolplane.step.id',
  /** `NAME@version` of each secret that the request carried. */
  secretRefs: 'toolplane.secret.refs',
  stepAttempt: 'toolplane.step.attempt',
  action: 'toolplane.action',
  /** Of a decision: `success` or `failure`, whose actions were looked at. */
  decisionOn: 'toolplane.decision.on',
  /** Of a decision: which action of the list, from 0; absent: none of them, and the default was done. */
  decisionIndex: 'toolplane.decision.index',
  waitMs: 'toolplane.wait_ms',
  /** What the control plane requested from the data plane. */
  command: 'toolplane.command',
  /** Where the time of a call went; together with `admission` and `queue`, `execution` is the whole. */
  admissionMs: 'toolplane.phase.admission_ms',
  queueMs: 'toolplane.phase.queue_ms',
  executionMs: 'toolplane.phase.execution_ms',
  upstreamMs: 'toolplane.phase.upstream_ms',
  upstreamRequests: 'toolplane.upstream.requests',
  criterionError: 'toolplane.criterion.error',
  errorType: 'error.type',
  httpMethod: 'http.request.method',
  httpStatus: 'http.response.status_code',
  httpRoute: 'http.route',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  messagingSystem: 'messaging.system',
  messagingOperation: 'messaging.operation.type',
  messagingDestination: 'messaging.destination.name',
} as const;

export const attributeNames: ReadonlySet<string> = new Set(Object.values(attributes));

/** The only events of spans; an event with another name is dropped. */
export const spanEvents = {
  /** A step is tried once more: from the second time on. */
  attempt: 'attempt',
  /** What is to be done next was chosen among actions. */
  decision: 'decision',
  /** Before the step is tried again, or its request sent. */
  wait: 'wait',
} as const;

export const spanEventNames: ReadonlySet<string> = new Set(Object.values(spanEvents));

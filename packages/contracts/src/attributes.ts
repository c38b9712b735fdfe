/**
 * The only attribute names of spans. An attribute that is not listed here is dropped before export, because an
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
  /** The debug session. A span with this attribute is exported regardless of sampling. */
  debugSession: 'toolplane.debug.session',
  outcome: 'toolplane.outcome',
  /** Nothing ran: the answer is that of the call that this span is linked to. */
  isReplayed: 'toolplane.call.replayed',
  /** The id of the policy's rule or limit that decided against the call. */
  policyRule: 'toolplane.policy.rule',
  planDigest: 'toolplane.plan.digest',
  stepId: 'toolplane.step.id',
  /** `NAME@version` of each secret that the request carried. */
  secretRefs: 'toolplane.secret.refs',
  stepAttempt: 'toolplane.step.attempt',
  action: 'toolplane.action',
  /** On a decision: whether the actions for a `success` or for a `failure` were considered. */
  decisionOn: 'toolplane.decision.on',
  /** On a decision: the index of the chosen action, from 0. Absent if no action matched and the default was done. */
  decisionIndex: 'toolplane.decision.index',
  waitMs: 'toolplane.wait_ms',
  /** What the control plane requested from the data plane. */
  command: 'toolplane.command',
  /** Where the time of a call went: `admission`, `queue` and `execution` together are its whole duration. */
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

/** The only events of spans. An event with another name is dropped. */
export const spanEvents = {
  /** A step is tried again. Recorded from the second try on. */
  attempt: 'attempt',
  /** One of the actions was chosen as the next thing to do. */
  decision: 'decision',
  /** A wait before the step is tried again, or before its request is sent. */
  wait: 'wait',
} as const;

export const spanEventNames: ReadonlySet<string> = new Set(Object.values(spanEvents));

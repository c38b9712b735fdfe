/**
 * The only attribute names of spans and logs. A span attribute that is not here is dropped before export, because an
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
  outcome: 'toolplane.outcome',
  /** Id of the rule or limit of a policy that decided against a call. */
  policyRule: 'toolplane.policy.rule',
  planDigest: 'toolplane.plan.digest',
  stepId: 'toolplane.step.id',
  /** `NAME@version` of each secret that the request carried. */
  secretRefs: 'toolplane.secret.refs',
  stepAttempt: 'toolplane.step.attempt',
  action: 'toolplane.action',
  waitMs: 'toolplane.wait_ms',
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

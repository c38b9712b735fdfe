import { readCaller } from '../callers/read-caller.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { HostedResource } from '../manifests/hosted-server.ts';
import { type CallGate, type GateParts, openGate } from '../policies/call-gate.ts';
import { canAskPerson } from './ask-client.ts';

/**
 * Opens the gate for a prompt or a resource. To policies it is a tool with the name of its plan: `prompt:…` or
 * `resource:…`.
 */
export function openPlanGate(
  edge: GateParts,
  request: McpRequest,
  { target, checks }: Pick<HostedResource, 'target' | 'checks'>,
): CallGate | undefined {
  const { server, principal } = request;
  return openGate(edge, {
    server,
    principal,
    target,
    checks,
    name: target.name,
    canAsk: canAskPerson(request),
    readCaller: () => readCaller(request, target),
  });
}

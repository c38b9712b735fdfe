import { readCaller } from '../callers/read-caller.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { Target } from '../manifests/hosted-server.ts';
import { type CallGate, type GatedCall, type GateParts, openGate } from '../policies/call-gate.ts';

/**
 * Opens the gate for what a request calls. `name` is what policies know it by: for a prompt or a resource, the name of
 * its plan, `prompt:…` or `resource:…`.
 */
export function openRequestGate(
  edge: GateParts,
  request: McpRequest,
  { target, checks }: { target: Target } & Pick<GatedCall, 'checks'>,
  name: string = target.name,
): CallGate | undefined {
  const { server, principal, era, client, ask } = request;
  return openGate(edge, {
    server,
    principal,
    target,
    checks,
    name,
    // A form can be sent in either era.
    canAsk: client.abilities.has('elicitation') && (era === 'modern' || ask !== undefined),
    readCaller: () => readCaller(request, target),
  });
}

import type { Json, Prompt, ResourceTemplate } from '@toolplane/contracts';
import { requireScopes } from '../callers/scopes.ts';
import { type CallParts, callTarget } from '../calls/call-target.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import { toRpcError } from '../calls/outcome-error.ts';
import type { HostedPrompt, HostedServer, HostedTemplate, Target } from '../manifests/hosted-server.ts';
import { policyDenied } from '../policies/refusals.ts';
import { createVisibilityCheck } from '../policies/visible-tools.ts';
import { invalidParams } from '../protocol/mcp-error.ts';
import { toTargetCall } from '../questions/run-with-questions.ts';
import type { HandleMethod } from './handle.ts';

/** MCP allows at most 100 values in an answer. */
const VALUES_MAX = 100;

/**
 * `completion/complete`: returns the declared values of an argument that begin with the typed text, ignoring case, or
 * the answer of the external server that the prompt or the template comes from. The caller must be allowed to use that
 * prompt or template.
 */
export const complete: HandleMethod = async (request, edge) => {
  const { params, server, principal } = request;
  const { ref, argument } = params as { ref?: Record<string, unknown>; argument?: Record<string, unknown> };
  const [name, typed] = [argument?.['name'], argument?.['value']];
  if (typeof name !== 'string' || typeof typed !== 'string') throw invalidParams('argument needs name and value');
  const { of, declared, completion, target, checks } = find(server, ref);
  const values = declared.find((it) => it.name === name);
  if (values === undefined) throw invalidParams('There is no such argument');
  if (completion !== undefined) requireScopes(principal, of);
  // The arguments are not known yet, so the call is allowed if the caller could use the target with any arguments.
  const isAllowed = createVisibilityCheck(principal, Date.now())({ tool: target, checks });
  if (!isAllowed) throw toRpcError(policyDenied({}).refusal, undefined);
  const answer =
    completion === undefined
      ? fromValues(values.values ?? [], typed)
      : await run(edge, request, completion, { argument: { name, value: typed } });
  return { members: `"completion":${JSON.stringify(answer)}` };
};

function fromValues(declared: readonly string[], typed: string): Json {
  const matching = declared.filter((value) => value.toLowerCase().startsWith(typed.toLowerCase()));
  const values = matching.slice(0, VALUES_MAX);
  return { values, total: matching.length, hasMore: matching.length > values.length };
}

/** `context` holds the arguments that were chosen before. */
async function run(
  edge: CallParts,
  request: McpRequest,
  completion: Target,
  argument: Record<string, Json>,
): Promise<Json> {
  const { context } = request.params;
  const inputs = typeof context === 'object' && context !== null ? { ...argument, context } : argument;
  const { outcome, traceId } = await callTarget(edge, toTargetCall(request, completion, inputs));
  if (!outcome.ok) throw toRpcError(outcome, traceId);
  return outcome.outcome === 'done' ? outcome.value : { values: [] };
}

type Declared = { name: string; values?: string[] | undefined };

function find(
  server: HostedServer,
  ref: Record<string, unknown> | undefined,
): { of: Prompt | ResourceTemplate; declared: readonly Declared[] } & (
  | Omit<HostedPrompt, 'prompt'>
  | Omit<HostedTemplate, 'template' | 'match'>
) {
  if (ref?.['type'] === 'ref/prompt') {
    const { name } = ref;
    const found = typeof name === 'string' ? server.prompts.get(name) : undefined;
    if (found !== undefined) return { ...found, of: found.prompt, declared: found.prompt.arguments };
  }
  if (ref?.['type'] === 'ref/resource') {
    const found = server.resourceTemplates.find(({ template }) => template.uriTemplate === ref['uri']);
    if (found !== undefined) return { ...found, of: found.template, declared: found.template.variables };
  }
  throw invalidParams('ref does not name a prompt or resource template of this server');
}

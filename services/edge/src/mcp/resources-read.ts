import type { JsonObject, Resource, ResourceTemplate } from '@toolplane/contracts';
import { hasRequestConfig } from '../callers/request-config.ts';
import { requireScopes } from '../callers/scopes.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import { toRpcError } from '../calls/outcome-error.ts';
import type { HostedResource, HostedServer, Target } from '../manifests/hosted-server.ts';
import { toCacheMembers } from '../manifests/prepared-lists.ts';
import { URI_LENGTH_MAX } from '../manifests/uri-template.ts';
import { invalidParams, McpError, rpcCodes } from '../protocol/mcp-error.ts';
import { openRequestGate } from '../questions/open-request-gate.ts';
import { runWithQuestions } from '../questions/run-with-questions.ts';
import type { HandleMethod } from './handle.ts';

/** `resources/read`: the plan of the resource, or of the template that its URI matches, returns the contents. */
export const readResource: HandleMethod = async (request, edge) => {
  const { uri } = request.params;
  if (typeof uri !== 'string' || uri.length > URI_LENGTH_MAX) throw invalidParams('uri is missing or too long');
  const found = findResource(request.server, uri);
  if (found === undefined) throw noSuchResource(request, uri);
  requireScopes(request.principal, found.resource);
  const { target, variables } = found;
  const gate = openRequestGate(edge, request, found);
  const answer = await runWithQuestions(edge, { request, target, callArguments: variables, gate });
  if ('inputRequired' in answer) return answer.inputRequired;
  if (!answer.outcome.ok) {
    // For a template, only the server behind it knows which resources exist.
    const isMissing = answer.outcome.error.code === 'not_found';
    throw isMissing ? noSuchResource(request, uri) : toRpcError(answer.outcome, answer.traceId);
  }
  const contents = (answer.outcome.content ?? []).map((content): JsonObject => ({ uri, ...content }));
  const caching = request.era === 'modern' ? `${cachingOf(request, target)},` : '';
  return { members: `${caching}"contents":${JSON.stringify(contents)}` };
};

/**
 * Public means that everybody who reads the resource receives the same: the result does not depend on the caller's
 * connection, session, token, `Config-` headers or answers. A result that needed answers belongs to this one request
 * and is not cached at all.
 */
function cachingOf({ server, params, headers }: McpRequest, target: Target): string {
  const isAnswer = params['requestState'] !== undefined || params['inputResponses'] !== undefined;
  if (isAnswer) return toCacheMembers({ isForEverybody: false, keptMs: 0 });
  const { usesConnection, usesSession = false, usesToken = false, usesConfig = false, asks } = target;
  // Older manifests do not state that a plan uses such headers.
  const isPersonal = usesConnection || usesSession || usesToken || usesConfig || asks || hasRequestConfig(headers);
  // A policy may let one caller read what it refuses to another.
  const isOpen = server.policy === undefined && server.lists.isForEverybody;
  return toCacheMembers({ isForEverybody: isOpen && !isPersonal });
}

function noSuchResource({ era }: McpRequest, uri: string): McpError {
  const code = era === 'modern' ? rpcCodes.invalidParams : rpcCodes.resourceNotFound;
  return new McpError(code, 'There is no such resource', { data: { uri } });
}

export function findResource(
  { resources, resourceTemplates }: HostedServer,
  uri: string,
):
  | (Pick<HostedResource, 'target' | 'checks'> & {
      resource: Resource | ResourceTemplate;
      variables: Record<string, string>;
    })
  | undefined {
  const resource = resources.get(uri);
  if (resource !== undefined) return { ...resource, variables: {} };
  for (const { template, target, checks, match } of resourceTemplates) {
    const variables = match(uri);
    if (variables !== undefined) return { resource: template, target, checks, variables };
  }
  return undefined;
}

import type { HostedServer } from '../manifests/hosted-server.ts';
import { type Handle, invalidParams } from './mcp-request.ts';

/** MCP: at most 100 values in an answer. */
const VALUES_MAX = 100;

/** `completion/complete`: the declared values of an argument that begin with what was typed, without regard to case. */
export const complete: Handle = ({ params, server }) => {
  const { ref, argument } = params as { ref?: Record<string, unknown>; argument?: Record<string, unknown> };
  const [name, typed] = [argument?.['name'], argument?.['value']];
  if (typeof name !== 'string' || typeof typed !== 'string') throw invalidParams('argument needs name and value');
  const declared = findDeclared(server, ref).find((it) => it.name === name);
  if (declared === undefined) throw invalidParams('There is no such argument');
  const matching = (declared.values ?? []).filter((value) => value.toLowerCase().startsWith(typed.toLowerCase()));
  const values = matching.slice(0, VALUES_MAX);
  const completion = { values, total: matching.length, hasMore: matching.length > values.length };
  return { members: `"completion":${JSON.stringify(completion)}` };
};

function findDeclared(server: HostedServer, ref: Record<string, unknown> | undefined) {
  if (ref?.['type'] === 'ref/prompt') {
    const { name } = ref;
    const found = typeof name === 'string' ? server.prompts.get(name) : undefined;
    if (found !== undefined) return found.prompt.arguments;
  }
  if (ref?.['type'] === 'ref/resource') {
    const found = server.resourceTemplates.find(({ template }) => template.uriTemplate === ref['uri']);
    if (found !== undefined) return found.template.variables;
  }
  throw invalidParams('ref names no prompt or resource template of this server');
}

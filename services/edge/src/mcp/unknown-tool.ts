import { distance } from 'fastest-levenshtein';
import type { HostedServer } from '../manifests/hosted-server.ts';
import { invalidParams, type McpError } from '../protocol/mcp-error.ts';

const LENGTH_MAX = 64;
const COMPARED_MAX = 500;
const SUGGESTED_MAX = 3;
/** The maximum number of tools to name. For more, `tools/list` is better. */
const LISTED_MAX = 10;

/** Returns an error that shows what a model can do about it. It names only tools that this caller sees. */
export function unknownTool(server: HostedServer, name: unknown): McpError {
  if (typeof name !== 'string') return invalidParams('params.name must be the name of a tool');
  if (server.isSmart) return invalidParams('Unknown tool; the tools of the catalogue are called with execute_tools');
  const names = [...server.tools.keys()];
  const similar = findSimilar(name, names);
  if (similar.length > 0) return invalidParams(`Unknown tool; similar tools: ${similar.join(', ')}`);
  const areListed = names.length > 0 && names.length <= LISTED_MAX;
  return invalidParams(areListed ? `Unknown tool; the tools are ${names.join(', ')}` : 'Unknown tool');
}

/** Finds names in which at most a third of the characters differ. */
function findSimilar(name: string, candidates: string[]): string[] {
  if (name.length > LENGTH_MAX) return [];
  return candidates
    .slice(0, COMPARED_MAX)
    .map((candidate) => ({ candidate, far: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ far }) => far <= Math.floor(name.length / 3))
    .sort((a, b) => a.far - b.far)
    .slice(0, SUGGESTED_MAX)
    .map(({ candidate }) => candidate);
}

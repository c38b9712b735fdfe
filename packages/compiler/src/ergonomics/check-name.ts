import type { PlacedTool } from './placed-tool.ts';
import { shortenName } from './shorten-name.ts';

/**
 * Some clients refuse the whole session if one prefixed name is longer than `PREFIXED_LENGTH_MAX`; others drop a tool
 * whose name, together with that of the server, is longer than `JOINED_LENGTH_MAX`.
 */
export const PREFIXED_LENGTH_MAX = 64;
const JOINED_LENGTH_MAX = 60;

const SUGGESTED_LENGTH_MAX = 40;
export const SUGGESTED_LENGTH_MIN = 8;

export function checkName({ name, warn }: PlacedTool, names: ReadonlySet<string>, slug: string | undefined): void {
  const problem = findProblem(name, slug);
  if (problem === undefined) return;
  warn('/name', 'long_name', problem, () => {
    const lengthLeft = slug === undefined ? SUGGESTED_LENGTH_MAX : lengthLeftBeside(slug);
    const lengthMax = Math.min(lengthLeft, SUGGESTED_LENGTH_MAX);
    if (lengthMax < SUGGESTED_LENGTH_MIN) return 'Choose a shorter name for the server.';
    return `Choose at most ${lengthMax} characters, for instance "${shortenName(name, lengthMax, names)}".`;
  });
}

function findProblem(name: string, slug: string | undefined): string | undefined {
  if (slug === undefined) {
    return name.length > SUGGESTED_LENGTH_MAX ? 'Some clients cut or refuse tools with long names' : undefined;
  }
  if (prefixed(slug, name).length > PREFIXED_LENGTH_MAX) {
    return `Some clients call this "${prefixed(slug, name)}" and refuse names over ${PREFIXED_LENGTH_MAX} characters`;
  }
  if (slug.length + name.length > JOINED_LENGTH_MAX) {
    return `Some clients allow ${JOINED_LENGTH_MAX} characters for the names of server and tool together`;
  }
  return undefined;
}

/**
 * Returns the maximum length of a tool's name beside this name of its server, or of the server's name beside that of a
 * tool.
 */
export function lengthLeftBeside(slug: string): number {
  return Math.min(PREFIXED_LENGTH_MAX - prefixed(slug, '').length, JOINED_LENGTH_MAX - slug.length);
}

export function prefixed(slug: string, name: string): string {
  return `mcp__${slug}__${name}`;
}

import type { Part } from '../../document/part.ts';

const LENGTH_MAX = 2000;
const VARIABLES_MAX = 20;

const HINT = 'For example, write tickets://{project}/{number}.';

/**
 * Reads the variables of an RFC 6570 template of level 1, in their order. Each represents one or more characters
 * without "/", so two adjacent variables could not be separated.
 */
export function readUriTemplate(part: Part): { template?: string; names: string[] } {
  const text = part.text();
  if (text === undefined) return { names: [] };
  const pieces = [...text.matchAll(/\{([^{}]*)\}/g)];
  const names = pieces.map(([, name = '']) => name);
  const problem = findProblem(text, names);
  if (problem !== undefined) part.error('invalid_uri_template', problem, HINT);
  return { ...(problem === undefined ? { template: text } : {}), names: names.filter(isName) };
}

function findProblem(text: string, names: string[]): string | undefined {
  const literals = text.replaceAll(/\{[^{}]*\}/g, '');
  if (text.length > LENGTH_MAX) return `A URI template has at most ${LENGTH_MAX} characters`;
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return 'A URI template must begin with a scheme';
  if (/[{}]/.test(literals)) return 'The braces of this template do not match';
  if (/[\s<>"\\^`|]/.test(literals)) return 'This template has characters that a URI cannot have';
  const invalid = names.find((name) => !isName(name));
  if (invalid !== undefined) return `"{${invalid}}" is not a variable of level 1: letters, digits and "_"`;
  if (names.length === 0) return 'A URI template requires a variable; without one, write "uri"';
  if (names.length > VARIABLES_MAX) return `A URI template has at most ${VARIABLES_MAX} variables`;
  if (new Set(names).size < names.length) return 'A variable occurs twice in this template';
  if (text.includes('}{')) return 'Two variables of this template are directly adjacent';
  return undefined;
}

function isName(name: string): boolean {
  return /^\w{1,64}$/.test(name) && name !== '__proto__';
}

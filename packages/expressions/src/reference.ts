/**
 * References: `$root.segment.segment`, the smallest unit of both expression modes. Aliases are resolved here, once, so
 * that a path always begins with a name of the scope.
 */

/** A reference as it is written in a document. */
export type FoundReference = {
  /** The path into the scope, with aliases resolved. */
  path: string[];
  /** The JSON Pointer to the string inside the parsed value. */
  pointer: string;
  /** The offset of the `$` in that string. */
  offset: number;
  /** The reference as written, without braces. */
  text: string;
  isJmespath: boolean;
};

const SEGMENT = String.raw`\w+(?:-+\w+)*`;
const ROOT =
  'inputs|answers|response|request|outputs|steps|secrets|config|current_user|currentUser|statusCode|status|method|url';

/** The names with which a reference can begin. */
export const referenceRoots: readonly string[] = ROOT.split('|');

/** The source of a regular expression without flags or groups. The longest match is the reference. */
export const REFERENCE = String.raw`\$(?:${ROOT})(?!\w)(?:\.${SEGMENT})*`;

const aliases = new Map([
  ['statusCode', ['response', 'status']],
  ['status', ['response', 'status']],
  ['method', ['request', 'method']],
  ['url', ['request', 'url']],
  ['currentUser', ['current_user']],
]);

export function parsePath(reference: string): string[] {
  const [root = '', ...segments] = reference.slice(1).split('.');
  const path = [...(aliases.get(root) ?? [root]), ...segments];
  // Older documents write a configuration value as a member of the user.
  if (path[0] === 'current_user' && path[1] !== undefined && path[1] !== 'token') path[0] = 'config';
  if (path[0] === 'config' && path[1] !== undefined) path[1] = toConfigName(path[1]);
  const headers = path.indexOf('headers');
  const header = path[headers + 1];
  if (isMessageMember(path, headers) && header !== undefined) path[headers + 1] = header.toLowerCase();
  return path;
}

/** Normalizes a name of `$config`: `Config-Org-Id`, `org-id` and `ORG_ID` mean the same. */
function toConfigName(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/** Returns true for `$response.<member>` and `$request.<member>`, of the current step or of `$steps.<id>`. */
function isMessageMember(path: string[], index: number): boolean {
  if (index !== 1 && !(index === 3 && path[0] === 'steps')) return false;
  return path[index - 1] === 'response' || path[index - 1] === 'request';
}

/**
 * Returns true if the path names the cookies that a response sets. They are not enumerable in the scope, and only this
 * path reads them, so checking paths is enough to know every expression that can reveal them.
 */
export function namesCookies(path: readonly string[]): boolean {
  const start = path[0] === 'steps' ? 2 : 0;
  return path[start] === 'response' && path[start + 1] === 'headers' && path[start + 2] === 'set-cookie';
}

export type ReferenceInText = { start: number; end: number; offset: number; text: string; path: string[] };

/**
 * Returns all references of a text from left to right; `start` and `end` include the braces of an embedded reference.
 */
export function findReferences(text: string): ReferenceInText[] {
  if (!text.includes('$')) return [];
  const pattern = new RegExp(String.raw`\{(${REFERENCE})\}|${REFERENCE}`, 'g');
  return Array.from(text.matchAll(pattern), (match) => {
    const reference = match[1] ?? match[0];
    return {
      start: match.index,
      end: match.index + match[0].length,
      offset: match.index + (match[1] === undefined ? 0 : 1),
      text: reference,
      path: parsePath(reference),
    };
  });
}

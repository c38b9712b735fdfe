import { referenceRoots } from '@toolplane/expressions';

/** A reference in the syntax of another tool, which is plain text here. */
export type Foreign = { written: string; hint: string; offset: number };

const NAME = String.raw`\w+(?:-+\w+)*`;
const OPEN = String.raw`\$\{\{|\$\{|\{\{|\{`;
const IN_BRACES = new RegExp(String.raw`(${OPEN})\s{0,8}((${referenceRoots.join('|')})(?:\.${NAME})*)(?!\w)`, 'g');

/** Only these roots are conclusive in single braces: `{request.path}` may be a template of the API. */
const own = new Set(['inputs', 'answers', 'steps', 'outputs', 'secrets']);

const ENVIRONMENT = [
  /\$(?:process\.)?env[.:](\w+)/gi,
  /(?:\$\{\{?|\{\{)\s{0,8}(?:process\.)?env\.(\w+)(?:\s{0,8}\}{1,2})?/gi,
  /\$\{([A-Z][A-Z0-9_]+)\}/g,
];

export function findForeign(text: string): Foreign[] {
  return [...findInBraces(text), ...findEnvironment(text)].toSorted((a, b) => a.offset - b.offset);
}

/**
 * Finds `${inputs.q}`, `{{inputs.q}}`, `${{secrets.KEY}}` and `{inputs.q}`; but not `${$inputs.price}`, which is a
 * price.
 */
function findInBraces(text: string): Foreign[] {
  return Array.from(text.matchAll(IN_BRACES)).flatMap(
    ({ 0: begun, 1: open = '', 2: name = '', 3: root = '', index }) => {
      const close = /^\s{0,8}\}{1,2}/.exec(text.slice(index + begun.length, index + begun.length + 10))?.[0];
      const isMeant = name === root ? open === '${' && close : open !== '{' || (close && own.has(root));
      return isMeant ? [{ written: begun + (close ?? ''), hint: `Write $${name} or {$${name}}.`, offset: index }] : [];
    },
  );
}

/** Finds `$env.TOKEN`, `${TOKEN}` and `{{env.TOKEN}}`. */
function findEnvironment(text: string): Foreign[] {
  return ENVIRONMENT.flatMap((pattern) =>
    Array.from(text.matchAll(pattern), ({ 0: written, 1: name = '', index }) => {
      const hint = `There are no environment variables here. Store a secret and write $secrets.${name}.`;
      return { written, hint, offset: index };
    }),
  );
}

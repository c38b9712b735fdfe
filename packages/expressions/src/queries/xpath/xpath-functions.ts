import { compileRegex, type Regex } from '@toolplane/regex';

/**
 * The functions of XPath that documents may call. Toolplane implements those with regular expressions itself, because
 * the library runs them on the backtracking engine. `function-lookup` and `fontoxpath:evaluate` would make that engine
 * reachable again, and `trace` writes to the console.
 */

const STANDARD_NAMESPACE = 'http://www.w3.org/2005/xpath-functions';
const OWN_NAMESPACE = 'urn:toolplane:xpath-functions';
const REFUSED = 'urn:toolplane:refused';

const namespaces = new Map([
  ['', STANDARD_NAMESPACE],
  ['fn', STANDARD_NAMESPACE],
  ['map', `${STANDARD_NAMESPACE}/map`],
  ['array', `${STANDARD_NAMESPACE}/array`],
  ['math', `${STANDARD_NAMESPACE}/math`],
  ['xs', 'http://www.w3.org/2001/XMLSchema'],
]);

const refusedNames = new Set(['function-lookup', 'put', 'trace']);

/**
 * The regular expressions of one evaluation. They are not shared, because an evaluation can be stopped, which leaves
 * compiled expressions in an unknown state.
 */
export type PatternCache = Map<string, Regex>;

type OwnFunction = { result: string; run: (regex: Regex, text: string, replacement: string) => unknown };

const ownFunctions = new Map<string, OwnFunction>([
  ['matches', { result: 'xs:boolean', run: (regex, text) => regex.test(text) }],
  ['tokenize', { result: 'xs:string*', run: tokenize }],
  ['replace', { result: 'xs:string', run: replace }],
]);

function tokenize(regex: Regex, text: string): string[] {
  refuseEmptyMatch(regex);
  return text === '' ? [] : regex.split(text, -1);
}

function replace(regex: Regex, text: string, replacement: string): string {
  refuseEmptyMatch(regex);
  // Java writes replacements as XPath does: `$1`, `\$` and `\\`.
  return regex.matcher(text).replaceAll(replacement, true);
}

function refuseEmptyMatch(regex: Regex): void {
  if (regex.test('')) throw new Error('FORX0003: the pattern matches an empty text');
}

export function resolveFunctionName(name: { prefix: string; localName: string }, arity: number) {
  const { prefix, localName } = name;
  const namespaceURI = namespaces.get(prefix) ?? REFUSED;
  if (namespaceURI !== STANDARD_NAMESPACE) return { namespaceURI, localName };
  if (refusedNames.has(localName)) return { namespaceURI: REFUSED, localName };
  // `tokenize` with one argument has no pattern.
  return { namespaceURI: ownFunctions.has(localName) && arity > 1 ? OWN_NAMESPACE : STANDARD_NAMESPACE, localName };
}

export function registerFunctions({ registerCustomXPathFunction }: typeof import('fontoxpath')): void {
  for (const [localName, { result, run }] of ownFunctions) {
    const types = ['xs:string?', 'xs:string', ...(localName === 'replace' ? ['xs:string'] : [])];
    const name = { namespaceURI: OWN_NAMESPACE, localName };
    registerCustomXPathFunction(name, types, result, (context, text, pattern, replacement) =>
      run(toRegex(context.currentContext, pattern, ''), text ?? '', replacement),
    );
    registerCustomXPathFunction(name, [...types, 'xs:string'], result, (context, text, pattern, ...others) =>
      run(toRegex(context.currentContext, pattern, others.at(-1)), text ?? '', others[0]),
    );
  }
}

function toRegex(cache: PatternCache, pattern: string, flags: string): Regex {
  const key = `${flags}/${pattern}`;
  const regex = cache.get(key) ?? compileRegex(pattern, flags);
  cache.set(key, regex);
  return regex;
}

import type { Document } from '@xmldom/xmldom';
import { ExpressionError, ExpressionSyntaxError } from '../../expression-error.ts';
import { loadXmlLibraries } from './xml-libraries.ts';
import { resolveFunctionName } from './xpath-functions.ts';

const TEXT_LENGTH_MAX = 4096;

/** An XPath 3.1 expression. Both throw `ExpressionError` for whatever fails, and have no bound on their work. */
export type XPath = {
  /** Whether its effective boolean value is true. */
  holds(document: Document): boolean;
  /** Nodes, and values as the library gives them. */
  find(document: Document): unknown[];
};

/**
 * Prefixes mean what the root of a document says; a name without one is in no namespace, also where the document has a
 * default one (`*:name` finds it there). Throws `ExpressionSyntaxError` only for errors that are found without a
 * document.
 */
export function compileXPath(text: string, { isFixed }: { isFixed: boolean }): XPath {
  refuseText(text);
  const { evaluateXPath } = loadXmlLibraries();
  const { ALL_RESULTS_TYPE, BOOLEAN_TYPE } = evaluateXPath;
  const disableCache = !isFixed || !isKept(text);
  return {
    holds: (document) => failing(() => evaluateXPath(text, document, null, null, BOOLEAN_TYPE, optionsFor(document))),
    find: (document) =>
      failing(() => evaluateXPath(text, document, null, null, ALL_RESULTS_TYPE, optionsFor(document))),
  };

  function optionsFor(document: Document) {
    const root = document.documentElement;
    return {
      currentContext: new Map(),
      disableCache,
      functionNameResolver: resolveFunctionName,
      namespaceResolver: (prefix: string) => (prefix === '' ? null : (root?.lookupNamespaceURI(prefix) ?? null)),
    };
  }
}

export function refuseText(text: string): void {
  if (text.length > TEXT_LENGTH_MAX) {
    throw new ExpressionSyntaxError(`An XPath expression has at most ${TEXT_LENGTH_MAX} characters`, 0);
  }
  // It could name functions that are kept from documents.
  const offset = text.indexOf('Q{');
  if (offset < 0) return;
  throw new ExpressionSyntaxError('A name with its namespace in braces, Q{…}, is not supported: use a prefix', offset);
}

const KEPT_MAX = 1000;
const kept = new Set<string>();

/**
 * The library keeps what it compiles for ever, and once more for each namespace that a prefix has meant, which is for
 * an upstream to say. So it may keep a number of texts, and none with a prefix.
 */
function isKept(text: string): boolean {
  if (text.replace(/::|\*:/g, '').includes(':')) return false;
  if (kept.size < KEPT_MAX) kept.add(text);
  return kept.has(text);
}

function failing<Result>(evaluate: () => Result): Result {
  try {
    return evaluate();
  } catch (thrown) {
    // The message can quote the document; the code in it is what the specification calls the error.
    const [code = 'too deep or too large'] = /[A-Z]{4}\d{4}/.exec((thrown as Error).message) ?? [];
    throw new ExpressionError('expression_failed', `An XPath expression failed (${code})`);
  }
}

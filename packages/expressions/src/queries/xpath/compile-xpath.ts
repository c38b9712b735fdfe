import type { Document } from '@xmldom/xmldom';
import { ExpressionError, ExpressionSyntaxError } from '../../expression-error.ts';
import { loadXmlLibraries } from './xml-libraries.ts';
import { resolveFunctionName } from './xpath-functions.ts';

const TEXT_LENGTH_MAX = 4096;

/** An XPath 3.1 expression. Both methods throw `ExpressionError` for every failure, and their work is not bounded. */
export type XPath = {
  /** Returns true if the effective boolean value is true. */
  holds(document: Document): boolean;
  /** Returns nodes, and other values in the form in which the library returns them. */
  find(document: Document): unknown[];
};

/**
 * Compiles an XPath expression. Prefixes have the meaning that the root of a document declares. A name without a prefix
 * is in no namespace, even if the document has a default one (`*:name` matches there). Throws `ExpressionSyntaxError`
 * only for errors that are found without a document.
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
  // Such a name could call functions that documents may not use.
  const offset = text.indexOf('Q{');
  if (offset < 0) return;
  throw new ExpressionSyntaxError('A name with its namespace in braces, Q{…}, is not supported: use a prefix', offset);
}

const KEPT_MAX = 1000;
const kept = new Set<string>();

/**
 * The library keeps every compiled expression forever, and once more for each namespace that a prefix has meant, which
 * an upstream can choose. Therefore, it may keep only a limited number of texts, and none with a prefix.
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
    // The message can quote the document; the code in it is the name of the error in the specification.
    const [code = 'too deep or too large'] = /[A-Z]{4}\d{4}/.exec((thrown as Error).message) ?? [];
    throw new ExpressionError('expression_failed', `An XPath expression failed (${code})`);
  }
}

import { UNITS_PER_MS } from '../../budget.ts';
import { ExpressionSyntaxError } from '../../expression-error.ts';
import { WORK_MS_MAX, withinBudget } from '../../within-budget.ts';
import { refuseText } from './compile-xpath.ts';
import { parseXml } from './parse-xml.ts';
import { loadXmlLibraries, type XmlLibraries } from './xml-libraries.ts';
import { resolveFunctionName } from './xpath-functions.ts';

/** Throws `ExpressionSyntaxError` for every error that does not depend on the document, except unknown prefixes. */
export function checkXPath(text: string): void {
  refuseText(text);
  const { evaluateXPath } = loadXmlLibraries();
  const createError = () =>
    new ExpressionSyntaxError('The XPath expression takes too long even on an empty document', 0);
  withinBudget({ unitsLeft: WORK_MS_MAX * UNITS_PER_MS, createError }, () => evaluate(text, evaluateXPath));
}

function evaluate(text: string, evaluateXPath: XmlLibraries['evaluateXPath']): void {
  try {
    evaluateXPath(text, parseXml('<empty/>'), null, null, evaluateXPath.ALL_RESULTS_TYPE, {
      disableCache: true,
      currentContext: new Map(),
      functionNameResolver: resolveFunctionName,
      namespaceResolver: (prefix) => (prefix === '' ? null : `urn:prefix:${prefix}`),
    });
  } catch (thrown) {
    const { message } = thrown as Error;
    // Every other error is about values, which differ in a real document.
    if (/XPST\d{4}/.test(message)) throw toSyntaxError(text, message);
  }
}

function toSyntaxError(text: string, message: string): ExpressionSyntaxError {
  const place = /at <>:(\d+):(\d+)/.exec(message);
  if (place !== null) {
    const linesBefore = text.split('\n').slice(0, Number(place[1]) - 1);
    const offset = linesBefore.reduce((sum, line) => sum + line.length + 1, Number(place[2]) - 1);
    return new ExpressionSyntaxError('Not a valid XPath expression from here on', offset);
  }
  const unknown = /Q\{[^}]*\}(\S+) with arity of (\d+)/.exec(message);
  if (unknown !== null) {
    const [, name = '', count = ''] = unknown;
    return new ExpressionSyntaxError(
      `There is no XPath function "${name}" with ${count} arguments`,
      Math.max(text.indexOf(name), 0),
    );
  }
  return new ExpressionSyntaxError(`Not a valid XPath expression: ${message}`, 0);
}

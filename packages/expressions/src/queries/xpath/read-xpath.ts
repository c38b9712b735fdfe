import type { Json } from '@toolplane/contracts';
import type { Document, Node } from '@xmldom/xmldom';
import { type Budget, spendUnits } from '../../budget.ts';
import { ExpressionError } from '../../expression-error.ts';
import { toText } from '../../to-text.ts';
import { withinBudget } from '../../within-budget.ts';
import type { ReadQuery } from '../read-query.ts';
import { unknownLocation } from '../set-member.ts';
import { compileXPath } from './compile-xpath.ts';
import { parseXml } from './parse-xml.ts';
import { loadXmlLibraries } from './xml-libraries.ts';

/**
 * Compiles XPath for a text that is XML. The result for a node is its text; a replacement becomes the text of the
 * element or the value of the attribute. Throws `ExpressionSyntaxError`.
 */
export function readXPath(text: string, options: { isFixed: boolean }): ReadQuery {
  const xpath = compileXPath(text, options);
  return {
    find(value, budget) {
      const found = withinBudget(budget, () => xpath.find(toDocument(value, budget)).map(toJson));
      for (const item of found) spendUnits(budget, typeof item === 'string' ? item.length : 1);
      return found;
    },
    holds: (value, budget) => withinBudget(budget, () => xpath.holds(toDocument(value, budget))),
    replace(value, { copy, budget }) {
      const content = toText(copy(), budget);
      if (UNKNOWN_TO_XML.test(content)) {
        throw new ExpressionError(
          'invalid_upstream_request',
          'A value for the payload has characters that XML does not allow',
        );
      }
      const replaced = withinBudget(budget, () => {
        const document = parseXml(toXmlText(value));
        const places = xpath.find(document);
        if (places.length === 0) throw unknownLocation();
        for (const place of places) setContent(place, content);
        return new (loadXmlLibraries().XMLSerializer)().serializeToString(document);
      });
      spendUnits(budget, replaced.length);
      return replaced;
    },
  };
}

const UNKNOWN_TO_XML = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/**
 * The last document that each evaluation parsed: one evaluation often runs several queries on the same response, and
 * nothing changes the document.
 */
const documents = new WeakMap<Budget, { text: string; document: Document }>();

function toDocument(value: Json, budget: Budget): Document {
  const text = toXmlText(value);
  const known = documents.get(budget);
  if (known?.text === text) return known.document;
  const document = parseXml(text);
  documents.set(budget, { text, document });
  return document;
}

function toXmlText(value: Json): string {
  if (typeof value === 'string') return value;
  throw new ExpressionError('expression_failed', 'An XPath expression can only be applied to XML text');
}

function toJson(found: unknown): Json {
  if (isNode(found)) return textOf(found);
  if (typeof found === 'string' || typeof found === 'boolean' || Number.isFinite(found)) return found as Json;
  throw new ExpressionError(
    'expression_failed',
    'The result of an XPath expression is not text, a number or a boolean',
  );
}

function textOf(node: Node): string {
  const holder = 'documentElement' in node ? (node as Document).documentElement : node;
  return holder?.textContent ?? '';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'nodeType' in value;
}

/** The types of elements, attributes, text and CDATA sections. */
const typesWithText = new Set([1, 2, 3, 4]);

function setContent(place: unknown, content: string): void {
  if (!isNode(place) || !typesWithText.has(place.nodeType)) throw unknownLocation();
  place.textContent = content;
}

import type { Document, Node } from '@xmldom/xmldom';
import { ExpressionError } from '../../expression-error.ts';
import { loadXmlLibraries } from './xml-libraries.ts';

const XML_LENGTH_MAX = 1024 * 1024;
const XML_DEPTH_MAX = 200;

/** Throws `ExpressionError`. Parses only a few megabytes per second: run it within a budget. */
export function parseXml(text: string): Document {
  if (text.length > XML_LENGTH_MAX) throw failed(`XML for a query has at most ${XML_LENGTH_MAX} characters`);
  // A DOCTYPE declares entities. Without one, no entity can read a file or the network, or expand.
  if (/<!DOCTYPE/i.test(text)) throw failed('XML for a query cannot have a DOCTYPE');
  const document = parse(text);
  if (isDeeperThan(document, XML_DEPTH_MAX)) throw failed(`XML for a query nests at most ${XML_DEPTH_MAX} levels`);
  return document;
}

function parse(text: string): Document {
  const { DOMParser } = loadXmlLibraries();
  const onError = (level: string) => {
    if (level !== 'warning') throw failed('The value is not well-formed XML');
  };
  try {
    return new DOMParser({ locator: false, onError }).parseFromString(text.trimStart(), 'text/xml');
  } catch {
    throw failed('The value is not well-formed XML');
  }
}

/** Avoids recursion, for which the document could be too deep. */
function isDeeperThan(document: Document, depthMax: number): boolean {
  let node: Node | null = document.documentElement;
  for (let depth = 1; node !== null; ) {
    if (depth > depthMax) return true;
    if (node.firstChild !== null) {
      node = node.firstChild;
      depth += 1;
      continue;
    }
    while (node !== null && node.nextSibling === null) {
      node = node.parentNode;
      depth -= 1;
    }
    node = node?.nextSibling ?? null;
  }
  return false;
}

function failed(message: string): ExpressionError {
  return new ExpressionError('expression_failed', message);
}

import { createRequire } from 'node:module';
import { registerFunctions } from './xpath-functions.ts';

const require = createRequire(import.meta.url);

export type XmlLibraries = Pick<typeof import('@xmldom/xmldom'), 'DOMParser' | 'XMLSerializer'> &
  Pick<typeof import('fontoxpath'), 'evaluateXPath'>;

let loaded: XmlLibraries | undefined;

/**
 * Loaded when a plan first needs them, because most processes never run an XPath expression: it takes some 70 ms. Not
 * within a budget, which could leave a module half loaded for ever.
 */
export function loadXmlLibraries(): XmlLibraries {
  if (loaded === undefined) {
    const { DOMParser, XMLSerializer } = require('@xmldom/xmldom') as typeof import('@xmldom/xmldom');
    const fontoxpath = require('fontoxpath') as typeof import('fontoxpath');
    registerFunctions(fontoxpath);
    const { evaluateXPath } = fontoxpath;
    // What they make for themselves at first use is made here as well.
    const document = new DOMParser().parseFromString('<a b="">c</a>', 'text/xml');
    evaluateXPath('//a[@b] = "c"', document);
    new XMLSerializer().serializeToString(document);
    loaded = { DOMParser, XMLSerializer, evaluateXPath };
  }
  return loaded;
}

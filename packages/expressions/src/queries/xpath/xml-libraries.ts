import { createRequire } from 'node:module';
import { registerFunctions } from './xpath-functions.ts';

const require = createRequire(import.meta.url);

export type XmlLibraries = Pick<typeof import('@xmldom/xmldom'), 'DOMParser' | 'XMLSerializer'> &
  Pick<typeof import('fontoxpath'), 'evaluateXPath'>;

let loaded: XmlLibraries | undefined;

/**
 * Loads the libraries when a plan first needs them: this takes some 70 ms, and most processes never run an XPath
 * expression. Must not run within a budget, which could leave a module half loaded forever.
 */
export function loadXmlLibraries(): XmlLibraries {
  if (loaded === undefined) {
    const { DOMParser, XMLSerializer } = require('@xmldom/xmldom') as typeof import('@xmldom/xmldom');
    const fontoxpath = require('fontoxpath') as typeof import('fontoxpath');
    registerFunctions(fontoxpath);
    const { evaluateXPath } = fontoxpath;
    // What the libraries create at first use is also created here.
    const document = new DOMParser().parseFromString('<a b="">c</a>', 'text/xml');
    evaluateXPath('//a[@b] = "c"', document);
    new XMLSerializer().serializeToString(document);
    loaded = { DOMParser, XMLSerializer, evaluateXPath };
  }
  return loaded;
}

import type { Json, Query } from '@toolplane/contracts';

export type Quote = "'" | '"';
export type PatternLanguage = Query['language'] | 'regex';

/** The location of a value in a pattern or query. */
export type ValueContext = {
  language: PatternLanguage;
  /** The quote that is open at this location. */
  quote?: Quote | undefined;
  /** True if the pattern contains nothing else. */
  isAlone: boolean;
  /** True if the JSON Pointer is the fragment of a URI. */
  isFragment: boolean;
};

/**
 * Escapes a value for a pattern or query, so that it can never add a condition, a step or an operator. Inside quotes,
 * it cannot end them. Outside quotes, a number, a boolean and null stay unchanged, and any other value becomes text in
 * quotes. In a JSON Pointer, it is one name. In a regular expression, it matches its own characters, unless it is the
 * whole pattern: then the document explicitly uses the value as the pattern. `text` is the value as text.
 */
export function escapeValue(value: Json, text: string, place: ValueContext): string {
  switch (place.language) {
    case 'jsonpointer':
      return escapePointerName(text, place.isFragment);
    case 'regex':
      return place.isAlone ? text : escapePattern(text);
    case 'jsonpath':
      if (place.quote !== undefined) return escapeJsonPathString(text, place.quote);
      return isWord(value) ? text : `'${escapeJsonPathString(text, "'")}'`;
    case 'xpath':
      if (place.quote !== undefined) return escapeXPathString(text, place.quote);
      return toXPathWord(value) ?? `'${escapeXPathString(text, "'")}'`;
  }
}

function isWord(value: Json): boolean {
  return value === null || typeof value === 'number' || typeof value === 'boolean';
}

/** XPath has functions for true and false, but only an empty sequence for null. */
function toXPathWord(value: Json): string | undefined {
  if (value === null) return '()';
  if (typeof value === 'boolean') return `${value}()`;
  return typeof value === 'number' ? String(value) : undefined;
}

function escapePointerName(text: string, isFragment: boolean): string {
  const name = text.replaceAll('~', '~0').replaceAll('/', '~1');
  return isFragment ? encodeURIComponent(name.toWellFormed()) : name;
}

/**
 * A hyphen is written as a character code: it denotes a range only inside brackets, and elsewhere a backslash before it
 * is unnecessary.
 */
function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll('-', '\\x2d');
}

function escapeXPathString(text: string, quote: Quote): string {
  return text.replaceAll(quote, quote + quote);
}

/** Control characters are escaped as well: JSONPath does not allow them inside quotes. */
function escapeJsonPathString(text: string, quote: Quote): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  return quote === '"' ? escaped : escaped.replaceAll('\\"', '"').replaceAll("'", "\\'");
}

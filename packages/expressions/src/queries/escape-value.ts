import type { Json, Query } from '@toolplane/contracts';

export type Quote = "'" | '"';
export type PatternLanguage = Query['language'] | 'regex';

/** The place of a value in a pattern or query. */
export type ValuePlace = {
  language: PatternLanguage;
  /** That are open. */
  quote?: Quote | undefined;
  /** Nothing else is in the pattern. */
  isAlone: boolean;
  /** A JSON Pointer as a fragment of a URI. */
  isFragment: boolean;
};

/**
 * A value as it is written into a pattern or query, which it can never add a condition, a step or an operator to.
 * Inside quotes it cannot end them. Outside, a number, a boolean and null are themselves, and any other value is a text
 * in quotes. In a JSON Pointer it is one name. In a regular expression it means its own characters, unless it is the
 * whole: then the value is the pattern, as the document says in so many words. `text` is the value as text.
 */
export function escapeValue(value: Json, text: string, place: ValuePlace): string {
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

/** XPath has functions for true and false, and nothing for null but an empty sequence. */
function toXPathWord(value: Json): string | undefined {
  if (value === null) return '()';
  if (typeof value === 'boolean') return `${value}()`;
  return typeof value === 'number' ? String(value) : undefined;
}

function escapePointerName(text: string, isFragment: boolean): string {
  const name = text.replaceAll('~', '~0').replaceAll('/', '~1');
  return isFragment ? encodeURIComponent(name.toWellFormed()) : name;
}

/** A hyphen is written as a number, since it means a range only inside brackets and needs no backslash elsewhere. */
function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll('-', '\\x2d');
}

function escapeXPathString(text: string, quote: Quote): string {
  return text.replaceAll(quote, quote + quote);
}

/** Control characters are escaped as well: JSONPath has none inside quotes. */
function escapeJsonPathString(text: string, quote: Quote): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  return quote === '"' ? escaped : escaped.replaceAll('\\"', '"').replaceAll("'", "\\'");
}

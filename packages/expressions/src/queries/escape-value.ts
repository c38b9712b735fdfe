import type { Query } from '@toolplane/contracts';

export type Quote = "'" | '"';
export type PatternLanguage = Query['language'] | 'regex';

/**
 * A value as it is written into a query. Inside quotes it cannot end them; outside, it is a part of the query like any
 * other, but for a JSON Pointer, in which it is one name. A pattern has no quotes.
 */
export function escapeInside(value: string, quote: Quote | undefined, language: PatternLanguage): string {
  if (language === 'jsonpointer') return value.replaceAll('~', '~0').replaceAll('/', '~1');
  if (quote === undefined) return value;
  if (language === 'xpath') return value.replaceAll(quote, quote + quote);
  return language === 'jsonpath' ? escapeJsonPathString(value, quote) : value;
}

/** Control characters are escaped as well: JSONPath has none inside quotes. */
function escapeJsonPathString(value: string, quote: Quote): string {
  const escaped = JSON.stringify(value).slice(1, -1);
  return quote === '"' ? escaped : escaped.replaceAll('\\"', '"').replaceAll("'", "\\'");
}

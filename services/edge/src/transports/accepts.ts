/** The weight of an unwanted range (RFC 9110, 12.4.2). */
const REFUSED = /;\s*q=0(?:\.0*)?\s*(?:;|$)/;

/**
 * Returns whether a client accepts `type`, in lower case, according to its `Accept` header. Wildcard ranges are not
 * supported.
 */
export function accepts(accept: string, type: string): boolean {
  const said = accept.toLowerCase();
  if (!said.includes(type)) return false;
  // Hardly any client sends weights, so hardly any header is parsed.
  return !said.includes('q=0') || said.split(',').some((range) => range.includes(type) && !REFUSED.test(range));
}

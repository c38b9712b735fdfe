/** Of a range that is not wanted (RFC 9110, 12.4.2). */
const REFUSED = /;\s*q=0(?:\.0*)?\s*(?:;|$)/;

/** Whether a client takes `type`, in small letters, by what its `Accept` says of it; of ranges it knows nothing. */
export function accepts(accept: string, type: string): boolean {
  const said = accept.toLowerCase();
  if (!said.includes(type)) return false;
  // Hardly anybody says how much a type is wanted, so hardly any header is taken apart.
  return !said.includes('q=0') || said.split(',').some((range) => range.includes(type) && !REFUSED.test(range));
}

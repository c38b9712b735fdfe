/** The result is absolute if the base or the reference is absolute, and otherwise the reference as written. */
export function resolveUrl(reference: string, base: string): string {
  return (URL.parse(reference, base) ?? URL.parse(reference))?.href ?? reference;
}

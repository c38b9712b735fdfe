/** Absolute where the base or the reference is; otherwise as written. */
export function resolveUrl(reference: string, base: string): string {
  return (URL.parse(reference, base) ?? URL.parse(reference))?.href ?? reference;
}

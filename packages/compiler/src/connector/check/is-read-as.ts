/**
 * Returns true if a server may mistake one name in a query for the other. Some servers ignore case, and some read `a[]`
 * and `a[b]` as parts of `a`.
 */
export function isReadAs(name: string, other: string): boolean {
  return baseOf(name) === baseOf(other);
}

function baseOf(name: string): string {
  return name.toLowerCase().split('[', 1)[0] ?? '';
}

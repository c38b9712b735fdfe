/**
 * Returns the fields that differ from what the person saw. The others are not sent, so that changes by others are not
 * undone.
 */
export function toChanges<Wanted extends object>(seen: Wanted, wanted: Wanted): Partial<Wanted> {
  const changed = Object.entries(wanted).filter(([name, value]) => {
    return JSON.stringify(value) !== JSON.stringify(seen[name as keyof Wanted]);
  });
  return Object.fromEntries(changed) as Partial<Wanted>;
}

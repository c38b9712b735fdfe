/** The members that are wanted otherwise than they were seen: what others changed meanwhile is not undone by the rest. */
export function toChanges<Wanted extends object>(seen: Wanted, wanted: Wanted): Partial<Wanted> {
  const changed = Object.entries(wanted).filter(([name, value]) => {
    return JSON.stringify(value) !== JSON.stringify(seen[name as keyof Wanted]);
  });
  return Object.fromEntries(changed) as Partial<Wanted>;
}

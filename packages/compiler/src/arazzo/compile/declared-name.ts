/**
 * Splits a dotted name into the longest declared name at its start and the members accessed inside its value. The
 * grammar of Arazzo allows dots in names, and public documents write `$steps.a.outputs.order.id` for a member.
 */
export function splitName(
  name: string,
  declared: readonly string[],
): { name: string; members: string[]; isDeclared: boolean } {
  const known = new Set(declared);
  for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
    const prefix = name.slice(0, end);
    if (!known.has(prefix)) continue;
    const members = end === name.length ? [] : name.slice(end + 1).split('.');
    return { name: prefix, members, isDeclared: true };
  }
  return { name, members: [], isDeclared: false };
}

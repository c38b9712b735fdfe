const LENGTH_MAX = 63;

/** The `server_name` of a descriptor in the form of a server slug. */
export function toServerSlug(serverName: string): string {
  const words = serverName.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return trim(words.slice(0, LENGTH_MAX + 1)) || 'connector';
}

/** The slug itself, or the slug with the lowest number that makes it free. */
export function findFreeSlug(slug: string, taken: readonly string[]): string {
  const others = new Set(taken);
  let free = slug;
  for (let number = 2; others.has(free); number += 1) {
    const suffix = `-${number}`;
    free = `${trim(slug.slice(0, LENGTH_MAX - suffix.length))}${suffix}`;
  }
  return free;
}

/** Removes hyphens at both ends. */
function trim(text: string): string {
  return text.slice(0, LENGTH_MAX).replaceAll(/^-|-$/g, '');
}

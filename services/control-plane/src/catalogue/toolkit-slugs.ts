/** A server whose tools are a toolkit. */
export type Origin = { serverId: string; toolkit: string; createdAt: Date };

/**
 * Slugs by the ids of the servers. Of several that share one the oldest keeps it, so that no slug changes because
 * something new came; the others get the first number that is free.
 */
export function nameToolkits(origins: readonly Origin[]): Map<string, string> {
  const slugs = new Map<string, string>();
  const taken = new Set<string>();
  for (const { serverId, toolkit } of origins.toSorted(byAge)) {
    let slug = toolkit;
    for (let number = 2; taken.has(slug); number += 1) slug = `${toolkit}-${number}`;
    taken.add(slug);
    slugs.set(serverId, slug);
  }
  return slugs;
}

function byAge(a: Origin, b: Origin): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.serverId < b.serverId ? -1 : 1);
}

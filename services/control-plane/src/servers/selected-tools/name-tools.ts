/** The form of tool names that clients accept (MCP 2025-11-25). */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

export type Renamed = { slug: string; name: string };
export type LeftOut = { slug: string; reason: string };

export type NamedTools = {
  /** The names on this server, by slug. */
  names: ReadonlyMap<string, string>;
  renamed: Renamed[];
  leftOut: LeftOut[];
};

/**
 * The names of selected tools next to the server's own tools, which keep their names: the original name if it is unique
 * on the server, otherwise `toolkit__tool`. Missing tools also take part, so that names do not change when a tool
 * disappears or returns.
 */
export function nameTools(ownNames: Iterable<string>, slugs: readonly string[]): NamedTools {
  const own = new Set(ownNames);
  const homonyms = Map.groupBy(slugs, (slug) => splitSlug(slug).tool);
  const isUnique = (slug: string) => {
    const { tool } = splitSlug(slug);
    return !own.has(tool) && homonyms.get(tool)?.length === 1;
  };
  const names = new Map(slugs.filter(isUnique).map((slug) => [slug, splitSlug(slug).tool]));
  const taken = new Set([...own, ...names.values()]);
  const renamed: Renamed[] = [];
  const leftOut: LeftOut[] = [];
  for (const slug of slugs.filter((each) => !names.has(each))) {
    const { toolkit, tool } = splitSlug(slug);
    const name = `${toolkit}__${tool}`;
    const obstacle = obstacleTo(name, taken);
    if (obstacle !== undefined) leftOut.push({ slug, reason: obstacle });
    else {
      names.set(slug, name);
      taken.add(name);
      renamed.push({ slug, name });
    }
  }
  return { names, renamed, leftOut };
}

/** Splits at the first dot, because names of toolkits contain none, while names of tools may contain some. */
export function splitSlug(slug: string): { toolkit: string; tool: string } {
  const dot = slug.indexOf('.');
  return { toolkit: slug.slice(0, Math.max(dot, 0)), tool: slug.slice(dot + 1) };
}

function obstacleTo(name: string, taken: ReadonlySet<string>): string | undefined {
  const why = 'Another tool of the server has the same name';
  if (!NAME.test(name))
    return `${why}, and ${name} is not a valid tool name: at most 128 letters, digits, "_", "." and "-"`;
  return taken.has(name) ? `${why}, and yet another one is called ${name}` : undefined;
}

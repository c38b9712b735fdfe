/** The fields of `ShownMcpServer` of the API about selected tools of other servers. */
export type Selection = {
  version: number;
  selectedTools: string[];
  /** Tools that have another name here, because two had the same. */
  renamed: { slug: string; name: string }[];
  /** Slugs of tools that are in no catalogue now. */
  missing: string[];
  leftOut: { slug: string; reason: string }[];
  /** For a public server: slugs of tools whose own server requires a key. */
  exposed: string[];
};

/** The name of a selected tool at this server; undefined: agents do not find it. */
export function findNameHere({ renamed, missing, leftOut }: Selection, slug: string): string | undefined {
  if (missing.includes(slug) || leftOut.some((each) => each.slug === slug)) return undefined;
  // A toolkit has no dot in its name, a tool may have some.
  return renamed.find((each) => each.slug === slug)?.name ?? slug.slice(slug.indexOf('.') + 1);
}

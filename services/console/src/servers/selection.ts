/** The fields of `ShownMcpServer` of the API about selected tools of other servers. */
export type Selection = {
  version: number;
  selectedTools: string[];
  /** Tools that have another name here, because two tools had the same name. */
  renamed: { slug: string; name: string }[];
  /** The slugs of tools that are in no catalogue now. */
  missing: string[];
  leftOut: { slug: string; reason: string }[];
  /** For a public server, the slugs of tools whose own server requires a key. */
  exposed: string[];
};

/** The name of a selected tool at this server. Undefined if agents do not find it. */
export function findNameHere({ renamed, missing, leftOut }: Selection, slug: string): string | undefined {
  if (missing.includes(slug) || leftOut.some((each) => each.slug === slug)) return undefined;
  // The name of a toolkit contains no dot; the name of a tool may.
  return renamed.find((each) => each.slug === slug)?.name ?? slug.slice(slug.indexOf('.') + 1);
}

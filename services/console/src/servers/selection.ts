import type { ShownMcpServer } from '@toolplane/api-client';

/** What is known about the selected tools of a server. */
export type Selection = Pick<
  ShownMcpServer,
  'version' | 'selectedTools' | 'renamed' | 'missing' | 'leftOut' | 'exposed'
>;

/** The name of a selected tool at this server. Undefined if agents do not find it. */
export function findNameHere({ renamed, missing, leftOut }: Selection, slug: string): string | undefined {
  if (missing.includes(slug) || leftOut.some((each) => each.slug === slug)) return undefined;
  // The name of a toolkit contains no dot; the name of a tool may.
  return renamed.find((each) => each.slug === slug)?.name ?? slug.slice(slug.indexOf('.') + 1);
}

import { metaToolNames } from '@toolplane/contracts';

/** The form of tool names that clients accept (MCP 2025-11-25). */
export const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

export type NamingServer = { name: string; prefix: string; tools: readonly string[] };

export type ExternalNames = {
  /**
   * Looks up a tool by the name of its server and its name there. If no name is available for it, the reason is
   * returned.
   */
  get(server: string, tool: string): { exposedAs: string } | { reason: string };
};

/**
 * The names of external tools next to the server's own tools, which keep their names: the prefix and the original name
 * if that is unique, otherwise `server__tool`. Names do not depend on whether a server answers.
 */
export function nameExternalTools(ownNames: Iterable<string>, servers: readonly NamingServer[]): ExternalNames {
  // No external tool may be mistaken for a meta tool of the platform.
  const own = new Set<string>([...ownNames, ...metaToolNames]);
  const all = servers.flatMap(({ name, prefix, tools }) =>
    tools.map((tool) => ({ key: keyOf(name, tool), wanted: prefix + tool, other: `${name}__${tool}` })),
  );
  const homonyms = Map.groupBy(all, ({ wanted }) => wanted);
  const isFree = ({ wanted }: (typeof all)[number]) =>
    !own.has(wanted) && homonyms.get(wanted)?.length === 1 && TOOL_NAME.test(wanted);
  const names = new Map(all.filter(isFree).map(({ key, wanted }) => [key, wanted]));
  const taken = new Set([...own, ...names.values()]);
  for (const { key, other } of all.filter((tool) => !isFree(tool))) {
    if (taken.has(other) || !TOOL_NAME.test(other)) continue;
    names.set(key, other);
    taken.add(other);
  }
  return {
    get(server, tool) {
      const exposedAs = names.get(keyOf(server, tool));
      if (exposedAs !== undefined) return { exposedAs };
      return {
        reason: `Neither its name nor ${server}__${tool} is available on this server: they are taken or too long`,
      };
    },
  };
}

/** The key is unique, because names of servers do not contain a dot. */
const keyOf = (server: string, tool: string) => `${server}.${tool}`;

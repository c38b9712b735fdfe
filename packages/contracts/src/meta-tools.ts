/** What a server in mode SMART lists: with these, models find and call what the catalogue has. */
export const metaToolNames = ['discover_tools', 'get_tool_schemas', 'execute_tools', 'manage_connections'] as const;
export type MetaToolName = (typeof metaToolNames)[number];

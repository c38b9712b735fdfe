/** The tools that a server in mode SMART lists. With these, models find and call the tools of the catalogue. */
export const metaToolNames = ['discover_tools', 'get_tool_schemas', 'execute_tools', 'manage_connections'] as const;
export type MetaToolName = (typeof metaToolNames)[number];

/** The paths whose answers change with an instance, because its server and its tools belong to it. */
export const OUTDATED_BY_INSTANCES = ['/connector-instances', '/mcp-servers', '/tools'];

/**
 * The parts of a connector descriptor whose operations are all tools. It is written as JSON, so that it can contain any
 * text.
 */
export type SmallConnector = {
  slug: string;
  version?: string;
  authentication?: object[];
  /** The operations by id; the method is GET by default. */
  operations: Record<string, Record<string, unknown>>;
  /** Further sections of the descriptor. */
  extra?: Record<string, unknown>;
};

export function smallConnector({ slug, version = '1.0.0', authentication, operations, extra }: SmallConnector): string {
  const description = 'Made for a test of what connectors promise.';
  return JSON.stringify({
    metadata: { name: slug, slug, version, description, publisher: 'Platform Team' },
    ...(authentication === undefined ? {} : { authentication }),
    operations: Object.entries(operations).map(([operation_id, operation]) => ({
      operation_id,
      method: 'GET',
      summary: operation_id,
      ...operation,
    })),
    ...extra,
    mcp_config: {
      enabled: true,
      server_name: slug,
      server_description: description,
      route_mappings: Object.keys(operations).map((operation_id) => ({
        operation_id,
        mcp_tool_name: operation_id,
        mcp_tool_description: description,
      })),
    },
  });
}

import type { Connector } from '@toolplane/compiler';
import { credentialFields, idOf } from '@toolplane/compiler/credential-fields';

/**
 * The excerpts of a version that are shown without parsing its descriptor again, with the field names of the
 * descriptor.
 */
export type ConnectorSummary = {
  metadata: Connector['metadata'];
  authentication: AuthenticationSummary[];
  operations_count: number;
  tools: ToolSummary[];
  rate_limits: Connector['rate_limits'];
  sla?: Connector['sla'];
  capabilities?: Connector['capabilities'];
  database_config?: Connector['database_config'];
  mcp_config: { enabled: boolean; server_name?: string | undefined; server_description?: string | undefined };
};

type Authentication = Connector['authentication'][number];

export type AuthenticationSummary = {
  /** The value of `auth_type` of an instance and of credentials. */
  id: string;
  type: Authentication['type'];
  /** Includes the fields that the type implies. */
  fields: Authentication['fields'];
  has_test: boolean;
  /** This field and the next three exist only for the types of OAuth 2.0. */
  token_url?: string;
  authorization_url?: string;
  scopes?: string[];
  client_auth?: 'basic' | 'body';
};

export type ToolSummary = { name: string; description: string; operation_id: string; is_read_only: boolean };

export function toConnectorSummary(connector: Connector): ConnectorSummary {
  const { metadata, authentication, operations, rate_limits, sla, mcp_config } = connector;
  const { capabilities, database_config } = connector;
  return {
    metadata,
    authentication: authentication.map(toAuthenticationSummary),
    operations_count: operations.length,
    tools: toToolSummaries(connector),
    rate_limits,
    ...(sla && { sla }),
    ...(capabilities && { capabilities }),
    ...(database_config && { database_config }),
    mcp_config: {
      enabled: mcp_config?.enabled ?? false,
      server_name: mcp_config?.server_name,
      server_description: mcp_config?.server_description,
    },
  };
}

function toAuthenticationSummary(authentication: Authentication): AuthenticationSummary {
  const { type, test_endpoint } = authentication;
  return {
    id: idOf(authentication),
    type,
    fields: credentialFields(authentication),
    has_test: test_endpoint !== undefined,
    ...toOauth(authentication),
  };
}

function toOauth(authentication: Authentication): Partial<AuthenticationSummary> {
  if (!('token_url' in authentication)) return {};
  const { token_url, scopes, client_auth } = authentication;
  const code = 'authorization_url' in authentication && { authorization_url: authentication.authorization_url };
  return { token_url, scopes, client_auth, ...code };
}

/** If MCP is disabled, no operation is a tool. */
function toToolSummaries({ operations, mcp_config }: Connector): ToolSummary[] {
  if (!mcp_config?.enabled) return [];
  const methods = new Map(operations.map(({ operation_id, method }) => [operation_id, method]));
  return mcp_config.route_mappings.map(({ operation_id, mcp_tool_name, mcp_tool_description, annotations }) => {
    const method = methods.get(operation_id);
    const is_read_only = annotations?.readOnlyHint ?? (method === 'GET' || method === 'HEAD');
    return { name: mcp_tool_name, description: mcp_tool_description, operation_id, is_read_only };
  });
}

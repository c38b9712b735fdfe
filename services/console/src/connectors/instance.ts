/** `ConnectorInstance` of the API: a connector that is set up for use. */
export type ConnectorInstance = {
  id: string;
  connector: string;
  /** The deployed version of the connector. */
  version: string | null;
  /** The workspace to which it belongs. Null: all workspaces of the organization. */
  workspace: string | null;
  /** The workspace of its server. */
  home_workspace: string;
  /** The pool of data planes for which its credentials are sealed. Null: the default pool. */
  pool: string | null;
  /** The hosts at which its tools call and sign in, as far as they are known before a call. */
  hosts: string[];
  instance_name: string;
  description: string | null;
  configuration: Record<string, string | number | boolean>;
  auth_type: string;
  is_enabled: boolean;
  has_credentials: boolean;
  last_tested_at: string | null;
  test_status: 'success' | 'failed' | 'pending';
  test_message: string | null;
  /** Why the instance does not run the active version. */
  deploy_message: string | null;
  /** Null if the connector offers no tools. */
  server: { id: string; slug: string; url: string } | null;
  created_at: string;
  updated_at: string;
};

/** The paths whose answers change with an instance, because its server and its tools belong to it. */
export const OUTDATED_BY_INSTANCES = ['/connector-instances', '/mcp-servers', '/tools'];

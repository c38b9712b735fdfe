/** `ConnectorInstance` of the API: a connector that is set up for use. */
export type ConnectorInstance = {
  id: string;
  connector: string;
  /** Of the connector: the one that is deployed. */
  version: string | null;
  /** Null: for all workspaces of the organization. */
  workspace: string | null;
  /** Where its server is. */
  home_workspace: string;
  /** The pool of data planes for which its credentials are sealed; null: the default one. */
  pool: string | null;
  /** What its tools call and sign in at, if known before a call. */
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
  /** Why it does not run the active version. */
  deploy_message: string | null;
  /** Null where the connector offers no tools. */
  server: { id: string; slug: string; url: string } | null;
  created_at: string;
  updated_at: string;
};

/** Paths whose answers change with an instance: its server and its tools are theirs as well. */
export const OUTDATED_BY_INSTANCES = ['/connector-instances', '/mcp-servers', '/tools'];

import type { State } from '../parts/state.ts';

/** `Connector` of the API. */
export type Connector = {
  id: string;
  slug: string;
  name: string;
  description: string;
  publisher: string | null;
  categories: string[];
  tags: string[];
  tools_count: number;
  /** The active version, or the highest one if all are deprecated. */
  version: string;
  /** Null if no new instances can be created. */
  active_version: string | null;
  created_at: string;
};

/** `ConnectorField` of the API: a value that a form asks for. */
export type DeclaredField = {
  key: string;
  label?: string;
  field_type: string;
  required: boolean;
  secret?: boolean;
  default_value?: string | number | boolean;
  description?: string;
  options?: string[];
};

export type Authentication = {
  /** The `auth_type` of instances and credentials. */
  id: string;
  type: string;
  fields: DeclaredField[];
  scopes?: string[];
  has_test: boolean;
};

export type ConnectorTool = { name: string; description: string; operation_id: string; is_read_only: boolean };

/** The service level that the API promises. */
export type ServiceLevel = { availability_percentage?: number; latency_ms_p95?: number };

/** The part of a descriptor in `ConnectorVersionDetail` of the API. */
export type ConnectorSummary = {
  summary?: string;
  documentation_url?: string;
  configuration: DeclaredField[];
  authentication: Authentication[];
  operations_count: number;
  tools: ConnectorTool[];
  rate_limits: { scope: string; limit: number; interval_seconds: number }[];
  sla?: ServiceLevel;
  capabilities?: Record<string, unknown>;
  database_config?: Record<string, unknown>;
  mcp_config: { enabled: boolean };
};

/** `ConnectorDetail` of the API. */
export type ConnectorDetail = Connector & ConnectorSummary;

/** `ConnectorVersion` of the API. */
export type ConnectorVersion = {
  version: string;
  tools_count: number;
  is_active: boolean;
  created_at: string;
  deprecated_at: string | null;
  deprecation_message: string | null;
};

export const DEPRECATED: State = { label: 'deprecated', tone: 'idle' };

const AUTHENTICATIONS: Readonly<Record<string, string>> = {
  none: 'no sign-in',
  api_key: 'API key',
  bearer: 'token',
  basic: 'user name and password',
  oauth2_client_credentials: 'OAuth, as a program',
  oauth2_authorization_code: 'OAuth, as a person who signs in',
  oauth2_token_exchange: "OAuth, in exchange for the caller's token",
  custom: 'a custom method',
};

/** The kind of authentication, in words for people. */
export function wordsOf({ type }: Pick<Authentication, 'type'>): string {
  return AUTHENTICATIONS[type] ?? type;
}

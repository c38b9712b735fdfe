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
  /** The active one, or the highest when all are deprecated. */
  version: string;
  /** Null: no new instances can be created. */
  active_version: string | null;
  created_at: string;
};

/** `ConnectorField` of the API: what a form asks for. */
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
  /** `auth_type` of instances and credentials. */
  id: string;
  type: string;
  fields: DeclaredField[];
  scopes?: string[];
  has_test: boolean;
};

export type ConnectorTool = { name: string; description: string; operation_id: string; is_read_only: boolean };

/** What the API promises. */
export type ServiceLevel = { availability_percentage?: number; latency_ms_p95?: number };

/** Excerpt of a descriptor, from `ConnectorVersionDetail` of the API. */
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

/** The authentication, in words for people. */
export function wordsOf({ type }: Pick<Authentication, 'type'>): string {
  return AUTHENTICATIONS[type] ?? type;
}

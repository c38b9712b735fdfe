import type { GivenAuthentication } from './security/given-authentication.ts';

export type ImportOptions = {
  slug?: string;
  name?: string;
  publisher?: string;
  /** Replaces the servers that the document names. */
  serverUrl?: string;
  /** The URL at which the document is served: relative servers are resolved against it. */
  location?: string;
  /** Ids, or `GET /path`. If absent, all operations are imported. */
  operations?: readonly string[];
  tags?: readonly string[];
  /** True if only GET operations are imported. */
  readOnly?: boolean;
  withDeprecated?: boolean;
  /** Used for operations whose document declares no security. */
  authentication?: GivenAuthentication;
};

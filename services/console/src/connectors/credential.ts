import type { ConnectorCredential } from '@toolplane/api-client';

export type Scope = ConnectorCredential['scope'];

/** The callers for whom credentials are used. */
export type Whose = { scope: Scope; subject: string };

export const SCOPES: Readonly<Record<Scope, string>> = {
  workspace: 'Everyone in this workspace',
  organization: 'Everyone in the organization',
  agent: 'An agent',
  user: 'A user',
};

/** The form in requests: a workspace needs no subject, and there is only one organization. */
export function toRequest({ scope, subject }: { scope: Scope; subject: string | null }): {
  scope: Scope;
  subject?: string;
} {
  return (scope === 'agent' || scope === 'user') && subject !== null ? { scope, subject } : { scope };
}

import type { CredentialScope } from '@toolplane/contracts';

/** The callers for whom credentials are used. */
export type Whose = { scope: CredentialScope; subject: string };

export const SCOPES: Readonly<Record<CredentialScope, string>> = {
  workspace: 'Everyone in this workspace',
  organization: 'Everyone in the organization',
  agent: 'An agent',
  user: 'A user',
};

/** The form in requests: a workspace needs no subject, and there is only one organization. */
export function toRequest({ scope, subject }: { scope: CredentialScope; subject: string | null }): {
  scope: CredentialScope;
  subject?: string;
} {
  return (scope === 'agent' || scope === 'user') && subject !== null ? { scope, subject } : { scope };
}

/** `ConnectorCredential` of the API: everything that can be read about credentials. */
export type Credential = {
  scope: Scope;
  /** The workspace, user or agent; null for the organization. */
  subject: string | null;
  auth_type: string;
  /** The hosts to which they may be sent. */
  hosts: string[];
  /** Keys of the fields that have a value. */
  fields: string[];
  /** False if a person must sign in before they can be used. */
  is_usable: boolean;
  updated_at: string;
};

export type Scope = 'workspace' | 'organization' | 'agent' | 'user';

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

/** `ConnectorCredential` of the API: all that can be read of credentials. */
export type Credential = {
  scope: Scope;
  /** The workspace, user or agent; null for the organization. */
  subject: string | null;
  auth_type: string;
  /** Where they may be sent. */
  hosts: string[];
  /** Keys of the fields that have a value. */
  fields: string[];
  /** False while a person must sign in before they can be used. */
  is_usable: boolean;
  updated_at: string;
};

export type Scope = 'workspace' | 'organization' | 'agent' | 'user';

/** For whose calls credentials are. */
export type Whose = { scope: Scope; subject: string };

export const SCOPES: Readonly<Record<Scope, string>> = {
  workspace: 'Everyone in this workspace',
  organization: 'Everyone in the organization',
  agent: 'An agent',
  user: 'A user',
};

/** As requests say it: a workspace speaks for itself, and of the organization there is one. */
export function toRequest({ scope, subject }: { scope: Scope; subject: string | null }): {
  scope: Scope;
  subject?: string;
} {
  return (scope === 'agent' || scope === 'user') && subject !== null ? { scope, subject } : { scope };
}

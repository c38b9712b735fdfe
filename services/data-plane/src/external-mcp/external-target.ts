import type { Ability, PlanExternal } from '@toolplane/contracts';

/** An MCP server, and the identity with which it is called. */
export type ExternalTarget = Pick<PlanExternal, 'url' | 'transport' | 'era'> & {
  workspaceId: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /**
   * What the client behind the call can be asked for, limited to what this server may ask for. Legacy servers are told.
   */
  abilities: readonly Ability[];
  /** Whose call it is; undefined: nobody is known, and a session of this call serves no other. */
  sessionOwner: string | undefined;
};

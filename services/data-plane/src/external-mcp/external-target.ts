import type { Ability, PlanExternal } from '@toolplane/contracts';

/** An MCP server, and the identity with which it is called. */
export type ExternalTarget = Pick<PlanExternal, 'url' | 'transport' | 'era'> & {
  workspaceId: string;
  /** The names are in lower case. */
  headers: Readonly<Record<string, string>>;
  /**
   * The abilities for which the client behind the call can be asked, limited to those that this server may use. Legacy
   * servers are notified of them.
   */
  abilities: readonly Ability[];
  /**
   * The owner of sessions that this call opens. If undefined, the caller is not known, and a session of this call
   * serves no other call.
   */
  sessionOwner: string | undefined;
};

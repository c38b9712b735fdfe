import type { Ability, PlanExternal } from '@toolplane/contracts';

/** An MCP server, and as whom it is spoken to. */
export type ExternalTarget = Pick<PlanExternal, 'url' | 'transport' | 'era'> & {
  workspaceId: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** What the client behind the call can be asked for, as far as this server may ask for it. Told to legacy servers. */
  abilities: readonly Ability[];
};

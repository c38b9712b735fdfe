import type { PlanExternal } from '@toolplane/contracts';

/** An MCP server, and as whom it is spoken to. */
export type ExternalTarget = Pick<PlanExternal, 'url' | 'transport' | 'era'> & {
  workspaceId: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
};

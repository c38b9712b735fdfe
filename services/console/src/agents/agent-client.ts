/** `AgentClient` of the API: with what an agent gets tokens. */
export type AgentClient = {
  clientId: string;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
};

/** As making one answers it, once. */
export type CreatedAgentClient = AgentClient & { clientSecret: string };

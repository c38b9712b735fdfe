/** `AgentClient` of the API: an OAuth client with which an agent gets tokens. */
export type AgentClient = {
  clientId: string;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
};

/** `CreatedAgentClient` of the API: the answer to creating one; its secret is returned only there. */
export type CreatedAgentClient = AgentClient & { clientSecret: string };

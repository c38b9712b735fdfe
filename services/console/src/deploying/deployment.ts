export type DeploymentState = 'deploying' | 'active' | 'deployed' | 'errored';

/** `Deployment` of the API. */
export type Deployment = { id: string; serverId: string; state: DeploymentState; createdAt: string };

/** A document that the definition names as one of its sources. */
export type Reference = { name: string; content: string; location: string };

/** `fetchedAt`: the platform fetched it; absent for one that came with the deployment. */
export type KeptReference = Reference & { fetchedAt?: string };

/** `DeploymentWithSource` of the API. */
export type DeploymentWithSource = Deployment & { definition: string; references: KeptReference[] };

const STATES: Record<DeploymentState, { label: string; color: string; about?: string }> = {
  deploying: { label: 'deploying', color: 'blue' },
  active: { label: 'active', color: 'green' },
  deployed: { label: 'ran before', color: 'gray' },
  errored: { label: 'errored', color: 'red', about: 'It could not be published. What ran before it went on.' },
};

export function describeState({ state }: Deployment): { label: string; color: string; about?: string } {
  return STATES[state];
}

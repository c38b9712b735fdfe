import type { State } from '../parts/state.ts';

export type DeploymentState = 'deploying' | 'active' | 'deployed' | 'errored';

/** `Deployment` of the API. */
export type Deployment = { id: string; serverId: string; state: DeploymentState; createdAt: string };

/** A document that the definition names as one of its sources. */
export type Reference = { name: string; content: string; location: string };

/** `fetchedAt`: the platform fetched it; absent for one that came with the deployment. */
export type KeptReference = Reference & { fetchedAt?: string };

/** `DeploymentWithSource` of the API. */
export type DeploymentWithSource = Deployment & { definition: string; references: KeptReference[] };

const STATES: Record<DeploymentState, State & { about?: string }> = {
  deploying: { label: 'deploying', tone: 'neutral' },
  active: { label: 'active', tone: 'good' },
  deployed: { label: 'ran before', tone: 'idle' },
  errored: { label: 'errored', tone: 'bad', about: 'It could not be published. What ran before it went on.' },
};

export function describeState({ state }: Deployment): State & { about?: string } {
  return STATES[state];
}

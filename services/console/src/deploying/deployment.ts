import { ApiError, toSentences } from '../api/api-error.ts';
import type { State } from '../parts/state.ts';

export type DeploymentState = 'deploying' | 'active' | 'deployed' | 'errored';

/** `Deployment` of the API. */
export type Deployment = {
  id: string;
  serverId: string;
  state: DeploymentState;
  /** Why the deployment failed. Also null for old deployments. */
  error: { code: string; message: string; details?: unknown } | null;
  createdAt: string;
};

/** A document that the definition names as one of its sources. */
export type Reference = { name: string; content: string; location: string };

/** `fetchedAt` is set if the platform fetched the document. Absent if it came with the deployment. */
export type KeptReference = Reference & { fetchedAt?: string };

/** `DeploymentWithSource` of the API. */
export type DeploymentWithSource = Deployment & { definition: string; references: KeptReference[] };

const STATES: Record<DeploymentState, State> = {
  deploying: { label: 'deploying', tone: 'neutral' },
  active: { label: 'active', tone: 'good' },
  deployed: { label: 'ran before', tone: 'idle' },
  errored: { label: 'errored', tone: 'bad' },
};

export function stateOf({ state }: Deployment): State {
  return STATES[state];
}

/** The reasons in the words of the API. Empty for deployments that have not failed. */
export function toReasons({ state, error }: Deployment): string[] {
  if (state !== 'errored') return [];
  const reasons = error === null ? [] : toSentences(new ApiError(0, error)).map(toSentence);
  return [...reasons, 'The previous deployment kept running.'];
}

function toSentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

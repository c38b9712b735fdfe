import type { Deployment, KeptReference } from '@toolplane/api-client';
import { ApiError, toSentences } from '../api/api-error.ts';
import type { State } from '../parts/state.ts';

/** A document that the definition names as one of its sources. */
export type SourceReference = Omit<KeptReference, 'fetchedAt'>;

const STATES: Record<Deployment['state'], State> = {
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

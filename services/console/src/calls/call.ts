import type { Call } from '@toolplane/api-client';
import type { State } from '../parts/state.ts';

/** What a person has to know about each outcome before they act on it. */
export const OUTCOMES: Record<Call['outcome'], State & { meaning: string }> = {
  done: { label: 'Done', meaning: 'It ran to completion. Its result may say that something went wrong.', tone: 'good' },
  not_started: { label: 'Not started', meaning: 'Nothing was sent: safe to repeat.', tone: 'idle' },
  unknown: {
    label: 'Unknown',
    meaning: 'Something may have been sent: check before you repeat it, unless the tool only reads.',
    tone: 'bad',
  },
  input_required: {
    label: 'Input required',
    meaning: 'It asked a question; the request with the answers is a separate call.',
    tone: 'neutral',
  },
};

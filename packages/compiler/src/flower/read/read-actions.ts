import type { Part } from '../../document/part.ts';
import type { Action } from '../model.ts';
import { readCondition } from './read-expression.ts';

const ACTIONS_MAX = 50;
const WAIT_SECONDS_DEFAULT = 5;
const WAIT_SECONDS_MAX = 300;
const RETRIES_DEFAULT = 5;
const RETRIES_MAX = 10;

const words = ['next', 'retry', 'goto', 'end'] as const;

const keys = {
  next: ['do', 'when'],
  end: ['do', 'when'],
  retry: ['do', 'when', 'wait', 'max_retry'],
  goto: ['do', 'when', 'step'],
};

export function readActions(part: Part | undefined): Action[] {
  const actions = part?.items({ max: ACTIONS_MAX, what: 'actions', canBeEmpty: true }).map(readAction) ?? [];
  return actions.filter((action) => action !== undefined);
}

function readAction(part: Part): Action | undefined {
  if (part.object() === undefined) return undefined;
  const word = part.required('do')?.choice(words);
  const condition = part.member('when');
  const when = condition === undefined ? undefined : readCondition(condition);
  if (word === undefined) return undefined;
  part.allowKeys(keys[word]);
  const common = { part, ...(when === undefined ? {} : { when }) };
  switch (word) {
    case 'retry':
      return { ...common, do: word, ...readRetry(part) };
    case 'goto':
      return { ...common, do: word, step: part.required('step')?.text() ?? '' };
    default:
      return { ...common, do: word };
  }
}

function readRetry(part: Part): { waitMs: number; retriesMax: number } {
  const wait = part.member('wait')?.number({ min: 0, max: WAIT_SECONDS_MAX, isWhole: true });
  const retries = part.member('max_retry')?.number({ min: 0, max: RETRIES_MAX, isWhole: true });
  return { waitMs: (wait ?? WAIT_SECONDS_DEFAULT) * 1000, retriesMax: retries ?? RETRIES_DEFAULT };
}

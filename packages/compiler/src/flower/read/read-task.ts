import type { Part } from '../../document/part.ts';
import type { Flow, Question } from '../model.ts';

const supports = ['optional', 'required'] as const;

/** Reads `x-task: optional`, or an object that also determines when to ask. */
export function readTask(part: Part | undefined, rounds: Question[][]): Pick<Flow, 'task' | 'asksInTask'> {
  if (part === undefined) return {};
  if (typeof part.value === 'string') return toTask(part.choice(supports), 'before', rounds);
  if (part.object() === undefined) return {};
  part.allowKeys(['support', 'ask']);
  const ask = part.member('ask');
  if (ask !== undefined && rounds.length === 0) {
    ask.warn('nothing_to_ask', 'The flow asks no questions', 'Remove this, or add x-ask.', { at: 'key' });
  }
  return toTask(part.required('support')?.choice(supports), ask?.choice(['before', 'within']) ?? 'before', rounds);
}

function toTask(
  task: Flow['task'] | undefined,
  asksInTask: 'before' | 'within',
  rounds: Question[][],
): Pick<Flow, 'task' | 'asksInTask'> {
  if (task === undefined) return {};
  return { task, ...(rounds.length === 0 ? {} : { asksInTask }) };
}

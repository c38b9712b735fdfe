import type { Part } from '../../document/part.ts';
import type { Completable, Prompt } from '../model.ts';
import { composeList } from './compose-expression.ts';
import { COMPLETABLE_NAME, readCompletable, toInputs } from './read-completable.ts';
import { blockTypes, readMessages } from './read-content.ts';
import { readId } from './read-id.ts';
import { procedureKeys, readProcedure } from './read-procedure.ts';
import { readShown } from './read-shown.ts';

const ARGUMENTS_MAX = 50;

const KEYS = ['id', 'title', 'description', 'x-icons', 'arguments', 'messages', ...procedureKeys];

export function readPrompt(part: Part): Prompt {
  part.allowKeys(KEYS, { extensions: true });
  const args = readArguments(part.member('arguments'));
  const messages = part.required('messages');
  return {
    noun: 'prompt',
    ...readProcedure(part, { needsSteps: false }),
    ...readShown(part, { title: 'title' }),
    id: readId(part.required('id'), 'prompt'),
    arguments: args,
    inputs: toInputs(args),
    outputs: [],
    content: messages === undefined ? composeList('messages', part, []) : readMessages(messages, blockTypes),
    analytics: [],
  };
}

function readArguments(part: Part | undefined): Completable[] {
  return (part?.entries({ max: ARGUMENTS_MAX }) ?? []).map(([name, argument]) => {
    if (!COMPLETABLE_NAME.test(name)) {
      const hint = 'Use 1 to 64 letters, digits, "_" and "-", with no "-" at either end.';
      argument.error('invalid_id', 'A reference could not name this argument', hint, { at: 'key' });
    }
    return readCompletable(name, argument, { canBeRequired: true });
  });
}

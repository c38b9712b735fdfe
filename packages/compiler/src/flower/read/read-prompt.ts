import type { Part } from '../../document/part.ts';
import { CREDENTIAL_HINT } from '../../ergonomics/check-inputs.ts';
import { looksLikeCredential } from '../../ergonomics/looks-like-credential.ts';
import type { Completable, DeclaredPrompt } from '../model.ts';
import { composeList } from './compose-expression.ts';
import { extensions } from './extensions.ts';
import { readCompletable, toInputs } from './read-completable.ts';
import { blockTypes, readMessages } from './read-content.ts';
import { readDisplayFields } from './read-display-fields.ts';
import { readId } from './read-id.ts';
import { procedureKeys, readProcedure } from './read-procedure.ts';
import { REFERENCE_NAME, REFERENCE_NAME_HINT } from './reference-name.ts';

const ARGUMENTS_MAX = 50;

const KEYS = ['id', 'title', 'description', 'x-icons', 'arguments', 'messages', ...procedureKeys];

export function readPrompt(part: Part): DeclaredPrompt {
  part.allowKeys(KEYS, extensions);
  const args = readArguments(part.member('arguments'));
  const messages = part.required('messages');
  return {
    noun: 'prompt',
    ...readProcedure(part, { needsSteps: false }),
    ...readDisplayFields(part, { title: 'title' }),
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
    if (!REFERENCE_NAME.test(name)) {
      const message = 'A reference could not name this argument';
      argument.error('invalid_id', message, REFERENCE_NAME_HINT, { at: 'key' });
    }
    if (looksLikeCredential(name, argument.value)) {
      const message = `The argument "${name}" looks like a credential`;
      argument.warn('credential_input', message, CREDENTIAL_HINT, { at: 'key' });
    }
    return readCompletable(name, argument, { canBeRequired: true });
  });
}

import type { JsonObject } from '@toolplane/contracts';
import type { Part } from '../document/part.ts';
import type { Flow } from './model.ts';

const DESCRIPTION_LENGTH_MIN = 20;
/** Clients put the name of the server before it and cut or refuse what is longer than 64 in all. */
const NAME_LENGTH_MAX = 40;
const CREDENTIAL = /(?:^|[_-])(?:token|password|passwd|secret|credentials?|api[_-]?key|access[_-]?key)$/i;

/** What makes a tool hard to use for a model. All of it is advice. */
export function checkErgonomics(flow: Flow): void {
  checkName(flow);
  checkDescription(flow);
  for (const [name, property] of flow.part.member('inputs')?.member('properties')?.entries() ?? []) {
    checkInput(name, property, flow.inputs ?? {});
  }
}

function checkName({ id, part }: Flow): void {
  if (id.length <= NAME_LENGTH_MAX) return;
  const hint = `Choose at most ${NAME_LENGTH_MAX} characters, for instance "${id.slice(0, NAME_LENGTH_MAX)}".`;
  part.member('id')?.warn('long_name', 'Some clients cut or refuse tools with long names', hint);
}

function checkDescription({ id, part }: Flow): void {
  const hint = 'Say in a sentence what the tool does and what it returns.';
  const description = part.member('description');
  if (description === undefined) part.warn('missing_description', `The flow "${id}" has no description`, hint);
  if (typeof description?.value !== 'string') return;
  const said = description.value.trim();
  if (said.toLowerCase().replaceAll(/[\s_-]/g, '') === id.toLowerCase().replaceAll(/[_-]/g, '')) {
    description.warn('vague_description', 'The description only repeats the name', hint);
  } else if (said.length < DESCRIPTION_LENGTH_MIN) {
    description.warn('vague_description', 'The description is too short to choose the tool by', hint);
  }
}

function checkInput(name: string, part: Part, inputs: JsonObject): void {
  const isRequired = Array.isArray(inputs['required']) && inputs['required'].includes(name);
  if (isRequired && part.member('description') === undefined) {
    const hint = 'Describe what it is and how it is written.';
    part.warn('undocumented_input', `The required input "${name}" has no description`, hint);
  }
  if (part.member('format')?.value === 'password' || CREDENTIAL.test(name.replaceAll(/([a-z])([A-Z])/g, '$1_$2'))) {
    const hint = 'Store it as a secret ($secrets.NAME); what is an input passes through the chat.';
    part.warn('credential_input', `The input "${name}" looks like a credential`, hint);
  }
}

import type { Json, JsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import { looksLikeCredential } from '../../ergonomics/looks-like-credential.ts';
import { refuseExpressions } from './read-expression.ts';
import { checkSchema } from './read-inputs.ts';

/** Reads the form of an elicitation as MCP allows it: one level of texts, numbers, booleans and choices. */

const FIELDS_MAX = 50;
const CHOICES_MAX = 500;

const shownKeys = ['type', 'title', 'description', 'default'];
const kinds = {
  string: ['format', 'minLength', 'maxLength', 'enum', 'enumNames', 'oneOf'],
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  boolean: [],
  array: ['items', 'minItems', 'maxItems'],
};
const words = ['string', 'number', 'integer', 'boolean', 'array'] as const;

export function readElicitSchema(part: Part): { schema: JsonObject; fields: string[] } | undefined {
  const written = part.object();
  if (written === undefined) return undefined;
  part.allowKeys(['$schema', 'type', 'properties', 'required']);
  part.member('type')?.choice(['object']);
  const properties = part.required('properties')?.entries({ max: FIELDS_MAX }) ?? [];
  for (const [name, field] of properties) checkField(name, field);
  const fields = properties.map(([name]) => name);
  checkRequired(part.member('required'), fields);
  const schema: JsonObject = { type: 'object', ...written };
  checkSchema(part, schema, 'invalid_question');
  return { schema, fields };
}

function checkField(name: string, part: Part): void {
  if (part.object() === undefined) return;
  if (looksLikeCredential(name, part.value)) {
    const hint = 'MCP forbids asking for secrets in a form: use { message, url }, or a secret of the server.';
    part.error('credential_question', `"${name}" looks like a credential`, hint, { at: 'key' });
  }
  refuseExpressions(part);
  const type = part.required('type')?.choice(words);
  if (type === undefined) return;
  part.allowKeys([...shownKeys, ...kinds[type]]);
  part.member('title')?.text();
  part.member('description')?.text();
  if (type === 'string') checkText(part);
  if (type === 'array') checkItems(part.required('items'));
}

function checkText(part: Part): void {
  part.member('format')?.choice(['email', 'uri', 'date', 'date-time']);
  const choices = part.member('enum');
  const names = part.member('enumNames');
  const titled = part.member('oneOf');
  if (choices !== undefined) checkTexts(choices);
  if (titled !== undefined) checkTitled(titled);
  if (choices !== undefined && titled !== undefined) {
    titled.error('invalid_question', '"enum" and "oneOf" both list the choices', 'Keep one of them.', { at: 'key' });
  }
  if (names === undefined) return;
  checkTexts(names);
  if (lengthOf(names.value) !== lengthOf(choices?.value)) {
    names.error('invalid_question', 'The number of names is not the number of choices', 'Write a name for each.');
  }
}

/** Checks a list of which several items can be chosen. */
function checkItems(part: Part | undefined): void {
  if (part?.object() === undefined) return;
  part.allowKeys(['type', 'enum', 'anyOf']);
  const said = part.onlyOne(['enum', 'anyOf']);
  if (said?.key === 'enum') part.required('type')?.choice(['string']);
  if (said?.key === 'enum') checkTexts(said.part);
  else if (said !== undefined) checkTitled(said.part);
}

function checkTexts(part: Part): void {
  for (const item of part.items({ max: CHOICES_MAX, what: 'choices' })) item.text();
}

function checkTitled(part: Part): void {
  for (const item of part.items({ max: CHOICES_MAX, what: 'choices' })) {
    if (item.object() === undefined) continue;
    item.allowKeys(['const', 'title']);
    item.required('const')?.text();
    item.required('title')?.text();
  }
}

function checkRequired(part: Part | undefined, fields: string[]): void {
  for (const item of part?.items({ max: FIELDS_MAX, what: 'names', canBeEmpty: true }) ?? []) {
    const name = item.text();
    if (name === undefined || fields.includes(name)) continue;
    item.error('invalid_question', `There is no property "${name}"`, 'Name a property of this form.');
  }
}

function lengthOf(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : 0;
}

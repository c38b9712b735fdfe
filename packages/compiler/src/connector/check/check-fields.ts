import type { DescriptorDraft } from '../descriptor/draft.ts';
import type { ConfigurationField, ConnectorField } from '../descriptor/field-schema.ts';
import { reportDuplicates } from './report-duplicates.ts';

/** Names that templates know in addition to those of fields. */
const reserved = ['basic', 'access_token'];

/** Checks the fields of an authentication or of the configuration. */
export function checkFields(
  draft: DescriptorDraft,
  fields: readonly (ConnectorField | ConfigurationField)[],
  ...path: (string | number)[]
): void {
  const keyAt = (index: number) => draft.at(...path, index, 'key');
  reportDuplicates(
    fields.map(({ key }) => key),
    (key, index) => keyAt(index).error('duplicate_key', `Duplicate field "${key}"`, 'Keep one of them.'),
  );
  for (const [index, field] of fields.entries()) {
    const place = draft.at(...path, index);
    if (reserved.includes(field.key)) {
      keyAt(index).error(
        'reserved_name',
        `{${field.key}} already has another meaning in templates`,
        'Choose another key.',
      );
    }
    if (field.field_type === 'select' && (field.options ?? []).length === 0) {
      place.error('missing_key', 'A select requires "options"', 'List the choices.');
    }
    if (field.field_type !== 'select' && field.options !== undefined) {
      place.place('options').error('not_for_type', 'Only a select can have options', 'Write field_type: select.');
    }
    if ('public' in field && field.public && isSecret(field)) {
      const message = 'A secret cannot be public';
      place
        .place('public')
        .error('public_secret', message, 'Remove it, or declare that the field is not a secret.', { at: 'key' });
    }
    checkDefault(draft, field, ...path, index, 'default_value');
  }
}

function checkDefault(
  draft: DescriptorDraft,
  field: ConnectorField | ConfigurationField,
  ...path: (string | number)[]
): void {
  const { default_value: value } = field;
  if (value === undefined) return;
  const place = draft.at(...path);
  if (isSecret(field)) {
    const hint = 'Remove it: the person who creates a connection enters the secret.';
    place.error('secret_default', 'A secret cannot have a default_value', hint, { at: 'key' });
    return;
  }
  const problem = fieldProblem(field, value);
  if (problem !== undefined) place.error('invalid_default', `The default_value ${problem}`, 'Correct the default.');
}

function isSecret(field: ConnectorField | ConfigurationField): boolean {
  return field.field_type === 'secret' || ('secret' in field && field.secret);
}

/** A number as JSON writes it. */
const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** Returns the reason why a value does not fit this field, worded to follow the name of the value. */
export function fieldProblem(
  { field_type: type, options = [] }: Pick<ConnectorField, 'field_type' | 'options'>,
  value: string | number | boolean,
): string | undefined {
  switch (type) {
    case 'number':
      return NUMBER.test(String(value)) ? undefined : 'is not a number';
    case 'boolean':
      return /^(?:true|false)$/.test(String(value)) ? undefined : 'is neither true nor false';
    case 'url':
      return /^https?:\/\/[^\s]+$/i.test(String(value)) && URL.canParse(String(value))
        ? undefined
        : 'is not an http(s) URL';
    case 'select':
      return options.includes(String(value)) ? undefined : `is not one of ${options.slice(0, 20).join(', ')}`;
    default:
      // A number in YAML no longer shows how it was written: 1.10 is 1.1.
      return typeof value === 'string' ? undefined : 'is not text';
  }
}

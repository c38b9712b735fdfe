import { definedOnly, isJsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { PayloadReplacement, RequestBody } from '../model.ts';
import { allowKeys } from './allow-keys.ts';
import type { Reading } from './components.ts';
import { readExpressionType } from './read-expression-type.ts';
import { requiredText, textMember, withinExpressionLength } from './text-member.ts';

const REPLACEMENTS_MAX = 200;
const TARGETS = ['jsonpointer', 'jsonpath', 'xpath'] as const;

export function readRequestBody(part: Part | undefined, reading: Reading): RequestBody | undefined {
  if (part?.object() === undefined) return undefined;
  allowKeys(part, reading.minor, ['contentType', 'payload', 'replacements']);
  const contentType = textMember(part, 'contentType')?.textLike(
    /^[\x20-\x7e]+$/,
    'invalid_content_type',
    'This cannot be a header value',
    'For example, write application/json.',
  );
  const items = part.member('replacements')?.items({ max: REPLACEMENTS_MAX, what: 'replacements', canBeEmpty: true });
  const replacements = (items ?? []).flatMap((item) => readReplacement(item, reading) ?? []);
  return { part, replacements, ...definedOnly({ contentType, payload: part.member('payload') }) };
}

function readReplacement(part: Part, { minor }: Reading): PayloadReplacement | undefined {
  if (part.object() === undefined) return undefined;
  allowKeys(part, minor, ['target', 'value'], ['targetSelectorType']);
  const target = withinExpressionLength(requiredText(part, 'target'));
  const value = part.required('value');
  const typePart = part.member('targetSelectorType');
  const type = typePart === undefined ? undefined : readExpressionType(typePart, TARGETS);
  if (target === undefined || value === undefined) return undefined;
  if (typeof value.value !== 'string' && !isJsonObject(value.value)) {
    value.warn('outside_schema', 'By mistake, the official schema allows only text here', 'No change is needed.');
  }
  return { part, target, value, ...definedOnly({ type }) };
}

import { definedOnly } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Criterion } from '../model.ts';
import { allowKeys } from './allow-keys.ts';
import type { Reading } from './components.ts';
import { checkVersion, readExpressionType } from './read-expression-type.ts';
import { requiredText, textMember, withinExpressionLength } from './text-member.ts';

const CRITERIA_MAX = 100;
const TYPES = ['simple', 'regex', 'jsonpath', 'xpath'] as const;

export function readCriteria(
  part: Part | undefined,
  reading: Reading,
  { canBeEmpty = false } = {},
): Criterion[] | undefined {
  const items = part?.items({ max: CRITERIA_MAX, what: 'criteria', canBeEmpty });
  return items?.flatMap((item) => readCriterion(item, reading) ?? []);
}

function readCriterion(part: Part, { minor }: Reading): Criterion | undefined {
  if (part.object() === undefined) return undefined;
  // The schema of 1.0 has the members of an Expression Type Object in the criterion itself.
  allowKeys(part, minor, ['context', 'condition', 'type', ...(minor === 0 ? ['version'] : [])]);
  const condition = withinExpressionLength(requiredText(part, 'condition'));
  const context = withinExpressionLength(textMember(part, 'context'));
  const typePart = part.member('type');
  const type = typePart === undefined ? 'simple' : readExpressionType(typePart, TYPES);
  if (minor === 0 && typeof typePart?.value === 'string') checkVersion(textMember(part, 'version'), typePart.value);
  if (type !== undefined && part.member('context') === undefined) checkContext(part, type, typePart);
  if (condition === undefined || type === undefined) return undefined;
  return { part, condition, type, ...definedOnly({ context }) };
}

function checkContext(part: Part, type: Criterion['type'], typePart: Part | undefined): void {
  if (type !== 'simple') {
    part.error(
      'missing_key',
      `"context" is missing: it says what the ${type} is applied to`,
      'For example, write context: $response.body.',
    );
  } else if (typePart !== undefined) {
    typePart.warn('outside_schema', 'The official schema requires "context" together with "type"', 'Remove "type".');
  }
}

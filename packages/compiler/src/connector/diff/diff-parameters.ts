import type { Json, JsonObject } from '@toolplane/contracts';
import { appendPointer } from '@toolplane/contracts';
import type { Parameter } from '../descriptor/operation-schema.ts';
import { type Diff, isSame } from './changes.ts';

/** Compares the parameters of one operation. Hidden parameters do not concern a caller. */
export function diffParameters(
  diff: Diff,
  { path, around }: { path: string; around: string },
  before: readonly Parameter[],
  after: readonly Parameter[],
): void {
  const inside = `${path}/parameters`;
  const renamed = findRenamed(before, after);
  for (const [was, is] of renamed) {
    const message = `${around}the parameter "${was.name}" is now called "${is.name}"`;
    diff.add('changed', appendPointer(inside, was.name), was.hidden !== true, message);
  }
  const [gone, come] = [new Set(renamed.map(([was]) => was)), new Set(renamed.map(([, is]) => is))];
  diff.lists<Parameter>(
    { path: inside, noun: 'parameter', keyOf: ({ name }) => name, around },
    before.filter((parameter) => !gone.has(parameter)),
    after.filter((parameter) => !come.has(parameter)),
    {
      isAdditionBreaking: isAsked,
      isRemovalBreaking: ({ hidden }) => hidden !== true,
      compare: (at, name, was, is) => compareParameter(diff, at, name, was, is),
    },
  );
}

/** Finds parameters that have the same location in the request under another name. */
function findRenamed(before: readonly Parameter[], after: readonly Parameter[]): [Parameter, Parameter][] {
  const known = new Set(before.map(({ name }) => name));
  const kept = new Set(after.map(({ name }) => name));
  return before.flatMap((was): [Parameter, Parameter][] => {
    if (kept.has(was.name)) return [];
    const is = after.find((each) => !known.has(each.name) && placeOf(each) === placeOf(was));
    return is === undefined ? [] : [[was, is]];
  });
}

function placeOf({ name, send_as: sendAs = name, location }: Parameter): string {
  return `${location} ${sendAs}`;
}

function compareParameter(diff: Diff, path: string, name: string, was: Parameter, is: Parameter): void {
  const change = (key: string, isBreaking: boolean, what: string) => {
    diff.add('changed', appendPointer(path, key), isBreaking, `${name} ${what}`);
  };
  if (isAsked(is) && !isAsked(was)) change('required', true, 'is now required');
  else if (isAsked(was) && !isAsked(is)) change('required', false, 'is no longer required');
  if (was.hidden !== true && is.hidden === true) change('hidden', true, 'is now hidden: nobody can choose it');
  else if (was.hidden === true && is.hidden !== true) change('hidden', false, 'can now be chosen');
  const [left, right] = [schemaOf(was), schemaOf(is)];
  if (!isSame(left, right)) {
    const isVisible = was.hidden !== true && is.hidden !== true;
    const narrowing = narrowingOf(left, right);
    change(
      'schema',
      isVisible && narrowing !== undefined,
      narrowing ?? 'accepts other values too, and all that it accepted before',
    );
  }
  if (!isSame(was.default_value, is.default_value)) change('default_value', false, 'has a different default');
  if (placeOf(was) !== placeOf(is) || was.style !== is.style) change('location', false, 'is sent in a different way');
  if (was.description !== is.description) change('description', false, 'has a different description');
}

/** Returns true if the caller must pass the parameter. */
function isAsked({ required, location, hidden, default_value: value }: Parameter): boolean {
  return (required === true || location === 'path') && hidden !== true && value === undefined;
}

function schemaOf({ schema, field_type: type = 'string', ...parameter }: Parameter): JsonObject {
  if (schema !== undefined) return schema;
  const { items, enum: values, minimum, maximum, pattern, max_length: maxLength } = parameter;
  const all = { type, items, enum: values, minimum, maximum, pattern, maxLength };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as JsonObject;
}

const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
/** Any change of these keywords may refuse values that were accepted before. */
const others = [
  'pattern',
  'const',
  'items',
  'prefixItems',
  'properties',
  'additionalProperties',
  'anyOf',
  'oneOf',
  'allOf',
];

/**
 * Returns the reason why values that were accepted may now be refused, or undefined if none is refused. A change that
 * cannot be decided counts as narrower.
 */
function narrowingOf(before: JsonObject, after: JsonObject): string | undefined {
  const lostTypes = typesOf(before).filter((type) => !typesOf(after).includes(type));
  if (typesOf(after).length > 0 && (typesOf(before).length === 0 || lostTypes.length > 0)) {
    const isWider = lostTypes.join() === 'integer' && typesOf(after).includes('number');
    if (!isWider) return `is now of type ${typesOf(after).join(' or ')}`;
  }
  const [was, is] = [before['enum'], after['enum']];
  if (Array.isArray(is)) {
    if (!Array.isArray(was)) return 'now accepts only listed values';
    const lost = was.filter((value) => !is.some((each) => isSame(each, value)));
    if (lost.length > 0)
      return `does not take ${lost
        .slice(0, 5)
        .map((value) => JSON.stringify(value))
        .join(', ')} any more`;
  }
  const isTighter = (key: string, sign: 1 | -1) => {
    const [left, right] = [before[key], after[key]];
    return typeof right === 'number' && (typeof left !== 'number' || sign * right < sign * left);
  };
  const tighter = [...upper.filter((key) => isTighter(key, 1)), ...lower.filter((key) => isTighter(key, -1))];
  if (tighter.length > 0) return `has a tighter limit (${tighter.join(', ')})`;
  const required = [before['required'], after['required']].map((names) => (Array.isArray(names) ? names : []));
  const [wanted = [], asked = []] = required;
  if (asked.some((name) => !wanted.includes(name))) return 'has members that are now required';
  const changed = others.filter((key) => after[key] !== undefined && !isSame(before[key], after[key]));
  return changed.length === 0 ? undefined : `has different rules for its values (${changed.join(', ')})`;
}

function typesOf({ type }: JsonObject): Json[] {
  return type === undefined ? [] : [type].flat();
}

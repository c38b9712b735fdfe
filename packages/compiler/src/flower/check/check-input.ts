import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import type { FoundReference } from '@toolplane/expressions';
import { suggestName } from '../../document/suggest-name.ts';
import { pageCursorUsed } from '../../tools/read-output-budget.ts';
import type { ReferenceContext } from './reference-context.ts';

/** Keywords that can allow members which `properties` does not name. */
export const openers = [
  'additionalProperties',
  'unevaluatedProperties',
  'patternProperties',
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'dependentSchemas',
  'dependencies',
  '$ref',
];

const described = { flow: 'Input', prompt: 'Argument', resource: 'Variable' };

const scalars = ['string', 'number', 'integer', 'boolean'];

const unreferable = new WeakMap<JsonObject, string[]>();

/** The names are searched once, however many references exist. */
function unreferableOf(properties: JsonObject): string[] {
  const names = unreferable.get(properties) ?? Object.keys(properties).filter((name) => !canBeReferredTo(name));
  unreferable.set(properties, names);
  return names;
}

/** Returns true if the name can be a segment of a reference, of any length. */
export function canBeReferredTo(name: string): boolean {
  return /^\w+(?:-+\w+)*$/.test(name);
}

export const UNREFERABLE_HINT =
  'Rename it: a name that can be referred to has letters from a to z, digits, "_" and "-", with no "-" at either end.';

export function checkInput(reference: FoundReference, { procedure, report }: ReferenceContext): void {
  const name = reference.path[1];
  const { inputs, noun } = procedure;
  if (name === undefined) return;
  if (name === 'cursor' && 'pagedOutput' in procedure && procedure.pagedOutput !== undefined) {
    report('error', pageCursorUsed.code, pageCursorUsed.message, pageCursorUsed.hint);
    return;
  }
  if (inputs === undefined) {
    report('warn', 'undeclared_input', 'This flow declares no inputs', `Declare "${name}" under inputs.properties.`);
    return;
  }
  const properties = inputs['properties'];
  if (!isJsonObject(properties)) return;
  if (Object.hasOwn(properties, name)) {
    checkMember(reference, properties[name], report);
  } else if (!openers.some((keyword) => inputs[keyword] !== undefined && inputs[keyword] !== false)) {
    const names = Object.keys(properties);
    const meant = unreferableOf(properties).find((each) => each.startsWith(name));
    if (meant !== undefined) {
      report('error', 'unreferable_input', `No reference can name the input "${meant}"`, UNREFERABLE_HINT);
      return;
    }
    const hint = suggestName(name, names, `${described[noun]}s of this ${noun}`);
    report('error', 'unknown_input', `The ${noun} has no ${described[noun].toLowerCase()} "${name}"`, hint);
  }
}

/** Usually, this is text that continues after the reference: `$inputs.id.json` requests the member `json` of an id. */
function checkMember(
  { path, text }: FoundReference,
  schema: Json | undefined,
  report: ReferenceContext['report'],
): void {
  const [, name, ...deeper] = path;
  const type = isJsonObject(schema) ? schema['type'] : undefined;
  if (deeper.length === 0 || typeof type !== 'string' || !scalars.includes(type)) return;
  const hint = `To continue with text after the input, write {$inputs.${name}}.${deeper.join('.')}`;
  report('error', 'no_members', `${text} is always empty: the input "${name}" is of type ${type}`, hint);
}

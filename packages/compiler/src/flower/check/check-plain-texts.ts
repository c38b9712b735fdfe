import { appendPointer, type Json } from '@toolplane/contracts';
import { referenceRoots } from '@toolplane/expressions';
import type { Part } from '../../document/part.ts';
import type { Expression, Procedure, Step } from '../model.ts';

/** Text that names a step or a value without being a reference. */

const NAME = String.raw`\w+(?:-+\w+)*`;
const NAMED = new RegExp(String.raw`(\$\{?)(${NAME})((?:\.${NAME})+)`, 'g');
const ROOTS = 'inputs|answers|steps|outputs|response|request|secrets|config|current_user';
const WITHOUT_DOLLAR = new RegExp(String.raw`^(?:${ROOTS})\.\w[\w.[\]*-]*$`);

export function checkPlainTexts(procedure: Procedure): void {
  const ids = new Set(procedure.steps.map(({ id }) => id).filter(canBeMeant));
  // The header of `security` is one expression in many steps, and a block of content a part of all content.
  const checked = new Set<string>();
  for (const part of partsOf(procedure)) {
    if (checked.has(part.pointer)) continue;
    checked.add(part.pointer);
    if (ids.size > 0) warnOfStepIds(part, part.value, part.pointer, ids);
  }
  for (const output of [...procedure.outputs, ...procedure.steps.flatMap((step) => step.outputs)]) {
    warnOfMissingDollar(output, ids);
  }
}

/** A root is a reference itself, and `$5.00` is a price. */
function canBeMeant(id: string): boolean {
  return /[A-Za-z]/.test(id) && !referenceRoots.includes(id);
}

function partsOf({ rounds, steps, outputs, content, analytics }: Procedure): Part[] {
  const questions = rounds.flat().flatMap(({ params, url }) => [params, url]);
  const all = [...questions, ...steps.flatMap(expressionsOf), ...outputs, content, ...analytics];
  return all.flatMap((each) => (each === undefined ? [] : [each.part]));
}

function expressionsOf({ request: { url, headers, query, body }, outputs }: Step): ({ part: Part } | undefined)[] {
  return [url, ...headers, ...query, body, ...outputs];
}

/** `$find.outputs.id` instead of `$steps.find.outputs.id` */
function warnOfStepIds(part: Part, value: Json, pointer: string, ids: ReadonlySet<string>): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) warnOfStepIds(part, member, appendPointer(pointer, key), ids);
  }
  if (typeof value !== 'string' || !value.includes('$')) return;
  for (const { 0: written, 1: open = '', 2: id = '', 3: rest = '', index } of value.matchAll(NAMED)) {
    if (!ids.has(id)) continue;
    const message = `"${written}" does not begin a reference and stays plain text`;
    const hint = `Did you mean ${open === '$' ? '' : '{'}$steps.${id}${rest}${open === '$' ? '' : '}'}?`;
    part.problems.warn('unknown_root', pointer, message, hint, { offset: index });
  }
}

/** `inputs.q` or `find.outputs.id` as a whole output */
function warnOfMissingDollar({ part, template }: Expression, ids: ReadonlySet<string>): void {
  const text = part.value;
  if (template.kind !== 'literal' || typeof text !== 'string') return;
  const [id = '', member = ''] = text.split('.', 2);
  const isOfStep = ids.has(id) && /^(?:outputs|response|request)$/.test(member);
  if (!isOfStep && !WITHOUT_DOLLAR.test(text)) return;
  const hint = `Did you mean $${isOfStep ? 'steps.' : ''}${text}?`;
  part.warn('unknown_root', `"${text}" begins no reference without "$" and stays plain text`, hint);
}

import { appendPointer, type Json } from '@toolplane/contracts';
import { parsePath, referenceRoots } from '@toolplane/expressions';
import type { Part } from '../../document/part.ts';
import type { Expression, Procedure, Step } from '../model.ts';

/** Matches text that names a step or a value without being a reference. */

const NAME = String.raw`\w+(?:-+\w+)*`;
const NAMED = new RegExp(String.raw`(\$\{?)(${NAME})((?:\.${NAME})+)`, 'g');
const WITHOUT_DOLLAR = new RegExp(String.raw`^${NAME}\.${NAME}(?=$|[.[])[\w.[\]*-]*$`);

export function checkPlainTexts(procedure: Procedure): void {
  const ids = new Set(procedure.steps.map(({ id }) => id).filter(canBeMeant));
  // The header of `security` is one expression shared by many steps, and a content block is part of the whole content.
  const checked = new Set<string>();
  for (const part of partsOf(procedure)) {
    if (checked.has(part.pointer)) continue;
    checked.add(part.pointer);
    if (ids.size > 0) warnOfStepIds(part, part.value, part.pointer, ids);
  }
  const beginnings = knownBeginnings(procedure, ids);
  for (const output of [...procedure.outputs, ...procedure.steps.flatMap((step) => step.outputs)]) {
    warnOfMissingDollar(output, ids, beginnings);
  }
}

/** A root begins a reference itself, and `$5.00` is a price. */
function canBeMeant(id: string): boolean {
  return /[A-Za-z]/.test(id) && !referenceRoots.includes(id);
}

function partsOf(procedure: Procedure): Part[] {
  return textsOf(procedure).map(({ part }) => part);
}

type Text = Pick<Expression, 'part' | 'references'>;

function textsOf({ rounds, steps, outputs, content, analytics }: Procedure): Text[] {
  const questions = rounds.flat().flatMap(({ params, url }) => [params, url]);
  const all = [...questions, ...steps.flatMap(textsOfStep), ...outputs, content, ...analytics];
  return all.filter((each) => each !== undefined);
}

function textsOfStep({ request: { url, headers, query, body }, outputs }: Step): (Text | undefined)[] {
  return [url, ...headers, ...query, body, ...outputs];
}

const partsOfStep = ['outputs', 'response', 'request'];

/**
 * Returns how references begin in this procedure. A text that begins differently, such as `config.yaml`, is probably
 * the name of a file.
 */
function knownBeginnings(procedure: Procedure, ids: ReadonlySet<string>): ReadonlySet<string> {
  const { inputs, rounds, steps } = procedure;
  const used = textsOf(procedure).flatMap(({ references }) => references.map(({ path }) => toBeginning(path)));
  return new Set([
    ...['status', 'headers', 'body'].map((name) => `response.${name}`),
    ...['method', 'url', 'query', 'headers', 'body'].map((name) => `request.${name}`),
    ...Object.keys(inputs?.['properties'] ?? {}).map((name) => `inputs.${name}`),
    ...rounds.flat().map(({ key }) => `answers.${key}`),
    ...steps.map(({ id }) => `steps.${id}`),
    ...steps.flatMap(({ outputs }) => outputs.map(({ name }) => `outputs.${name}`)),
    ...[...ids].flatMap((id) => partsOfStep.map((part) => `${id}.${part}`)),
    ...used,
  ]);
}

/** Warns of `$find.outputs.id` instead of `$steps.find.outputs.id`. */
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

function toBeginning(path: string[]): string {
  return path.slice(0, 2).join('.');
}

/** Warns of `inputs.q` or `find.outputs.id` as a whole output. */
function warnOfMissingDollar(
  { part, template }: Expression,
  ids: ReadonlySet<string>,
  beginnings: ReadonlySet<string>,
): void {
  const text = part.value;
  if (template.kind !== 'literal' || typeof text !== 'string' || !WITHOUT_DOLLAR.test(text)) return;
  const path = parsePath(`$${text.replace(/\[.*/, '')}`);
  // The short names, as in `status.txt`, are followed by nothing.
  if (!text.startsWith(`${path[0]}.`) || !beginnings.has(toBeginning(path))) return;
  const hint = `Did you mean $${ids.has(path[0] ?? '') ? 'steps.' : ''}${text}?`;
  part.warn('unknown_root', `"${text}" begins no reference without "$" and stays plain text`, hint);
}

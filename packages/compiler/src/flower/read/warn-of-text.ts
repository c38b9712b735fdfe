import { appendPointer, type Json } from '@toolplane/contracts';
import { type FoundReference, isJmespath, referenceRoots } from '@toolplane/expressions';
import type { Part } from '../../document/part.ts';
import { closestName } from '../../document/suggest-name.ts';
import { findCall } from './find-call.ts';
import { findForeign } from './find-foreign.ts';

/** Warns of text that was probably meant as an expression, but stays text by the rules of expressions. */

/** A text of the document; `references` contains those in it. */
type Text = { part: Part; pointer: string; text: string; references: FoundReference[] };

export function warnOfTexts(part: Part, references: FoundReference[]): void {
  const byPointer = Map.groupBy(references, ({ pointer }) => pointer);
  visit(part.value, '');

  function visit(value: Json, pointer: string): void {
    if (typeof value === 'string') {
      if (!/[${]/.test(value) || isJmespath(value)) return;
      warnOfText({ part, pointer, text: value, references: byPointer.get(pointer) ?? [] });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) visit(member, appendPointer(pointer, key));
    }
  }
}

function warnOfText(text: Text): void {
  for (const reference of text.references) {
    warnOfBrackets(text, reference);
    reportName(text, reference);
  }
  warnOfRoots(text);
  for (const { written, hint, offset } of findForeign(text.text)) warnOfRoot(text, written, hint, offset);
  warnOfCall(text);
}

/** JMESPath is recognized only as a whole string, so brackets beside other text would silently stay text. */
function warnOfBrackets(text: Text, reference: FoundReference): void {
  if (!textAfter(text, reference).startsWith('[')) return;
  const message = `The brackets after ${reference.text} stay plain text here`;
  const hint = 'A JMESPath expression is always the whole string; use .0 for an index inside a text.';
  warn(text, 'brackets_in_text', message, hint, reference.offset);
}

/** Reports a name that contains characters that names cannot have; `$inputs` alone would mean all arguments. */
function reportName({ part, pointer, ...text }: Text, reference: FoundReference): void {
  const rest = textAfter(text, reference);
  const isCutOff = /^\.["']?[\p{L}\p{N}]/u.test(rest);
  // In scripts without spaces, text may directly follow a reference.
  if (!isCutOff && !/^[\p{Script=Latin}\p{M}]/u.test(rest)) return;
  const { path, offset, text: written } = reference;
  const isAllInputs = isCutOff && path[0] === 'inputs' && path.length === 1;
  const message = `The reference ends after ${written}: what follows is not a name that can be referred to`;
  const hint = `Names have letters from a to z, digits, "_" and "-". To continue with text, write {${written}}.`;
  part.problems[isAllInputs ? 'error' : 'warn']('unreadable_name', part.pointer + pointer, message, hint, { offset });
}

function warnOfRoots(text: Text): void {
  for (const match of text.text.matchAll(/\$(\w+)\.(?=\w)|(?<=\{)\$(\w+)(?=\})|^\$(\w+)$/g)) {
    const word = match[1] ?? match[2] ?? match[3] ?? '';
    // Short names differ from each other by one letter by chance.
    const meant = referenceRoots.includes(word)
      ? undefined
      : closestName(word, referenceRoots, word.length < 6 ? 1 : 2);
    // This is probably the id of a step, whatever root it resembles.
    const isStep = /^\.(?:outputs|response)\./.test(text.text.slice(match.index + 1 + word.length));
    if (meant === undefined || (isStep && meant !== 'steps')) continue;
    warnOfRoot(text, `$${word}`, `Did you mean $${meant}?`, match.index);
  }
}

function warnOfRoot(text: Text, written: string, hint: string, offset: number): void {
  warn(text, 'unknown_root', `"${written}" does not begin a reference and stays plain text`, hint, offset);
}

function warnOfCall(text: Text): void {
  const call = findCall(text.text, text.references);
  if (call !== undefined) warn(text, call.code, call.message, call.hint, call.offset);
}

function textAfter({ text }: Pick<Text, 'text'>, { offset, text: written }: FoundReference): string {
  return text.slice(offset + written.length);
}

function warn({ part, pointer }: Text, code: string, message: string, hint: string, offset: number): void {
  part.problems.warn(code, part.pointer + pointer, message, hint, { offset });
}

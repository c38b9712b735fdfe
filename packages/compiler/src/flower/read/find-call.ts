import { beginsWithCall, type FoundReference, innerFunctions, outerFunctions } from '@toolplane/expressions';
import { closestName } from '../../document/suggest-name.ts';

type Call = { code: string; message: string; hint: string; offset: number };

/** The number of characters that are read before a reference: more than the longest name of a function. */
const BEFORE_LENGTH = 16;

/**
 * Finds a call that stays text. Prose contains brackets too, so it must be written like a call, with a reference as an
 * argument.
 */
export function findCall(text: string, references: FoundReference[]): Call | undefined {
  if (references.length === 0) return undefined;
  if (beginsWithCall(text)) return callInText(0);
  return findUnknown(text, references) ?? findKnown(text, references);
}

function callInText(offset: number): Call {
  const hint = 'A function call must be the whole string, up to its closing bracket.';
  return { code: 'call_in_text', message: 'This function call stays plain text', hint, offset };
}

/** Finds calls such as `Count: length($inputs.list)`. */
function findKnown(text: string, references: FoundReference[]): Call | undefined {
  for (const { offset } of references) {
    const name = /(?<!\w)(\w+)\($/.exec(before(text, offset))?.[1];
    if (name !== undefined && outerFunctions.includes(name)) return callInText(offset - name.length - 1);
  }
  return undefined;
}

/**
 * Finds `lenght($inputs.list)`, but neither `Ticket($inputs.n)` nor `contains(name,'$inputs.q')` of other languages.
 */
function findUnknown(text: string, references: FoundReference[]): Call | undefined {
  const name = /^\s*(\w{1,64})\(/.exec(text)?.[1];
  if (name === undefined || !endsWithFirstBracket(text.trim())) return undefined;
  if (!references.some(({ offset }) => /[(,]\s*$/.test(before(text, offset)))) return undefined;
  // Short names differ from each other by one letter by chance.
  const meant = closestName(name, outerFunctions, name.length < 6 ? 1 : 2);
  if (meant === undefined && !/^[a-z]/.test(name)) return undefined;
  const offset = text.indexOf(name);
  if (innerFunctions.includes(name)) {
    const message = `A string cannot begin with ${name}(), so this stays plain text`;
    const hint = `It can be called only behind a reference or in its brackets, as in $inputs.list[?${name}(…)].`;
    return { code: 'unknown_function', message, hint, offset };
  }
  const message = `There is no function ${name}(), so this stays plain text`;
  const hint = meant === undefined ? `The functions are ${outerFunctions.join(', ')}.` : `Did you mean ${meant}?`;
  return { code: 'unknown_function', message, hint, offset };
}

function before(text: string, offset: number): string {
  return text.slice(Math.max(0, offset - BEFORE_LENGTH), offset);
}

/** Returns true if the bracket that is opened first closes at the end. */
function endsWithFirstBracket(text: string): boolean {
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[()]/g)) {
    depth += bracket === '(' ? 1 : -1;
    if (depth === 0) return index === text.length - 1;
  }
  return false;
}

import { adjectives } from './adjectives.ts';
import { verbOf } from './verb-of.ts';
import { isPlainVerb, isVerb, spokenVerb } from './verbs.ts';
import { isPlural, singular, wordsOf } from './words.ts';

type Called = { method: string; path: string; summary?: string };

/** Verbs that the method alone does not determine: `POST …/features` may add features or replace them. */
const changes = new Set(['create', 'add', 'update', 'set', 'delete', 'remove', 'cancel']);

/**
 * Returns a name, such as `GET /v1/customers/{customer}` → get customer, `POST /v1/invoices/{invoice}/pay` → pay
 * invoice, followed by names that distinguish it from an equal one: get customer by id, and a name with the unchanged
 * words of the path.
 */
export function namesFromPath(called: Called): string[][] {
  const segments = literalsOf(called.path);
  const last = segments.at(-1);
  if (last === undefined) return [[verbOf(called), 'root']];
  const before = segments.slice(0, -1);
  const name = actionName(called.method, before, last) ?? thingName(called, before, last);
  const key = last.item === undefined || last.words.join() === wordsOf(last.item).join() ? ['id'] : wordsOf(last.item);
  const raw = segments.flatMap(({ written }) => written);
  return [name, ...(last.item === undefined ? [] : [[...name, 'by', ...key]]), [name[0] ?? '', ...raw]];
}

function actionName(method: string, before: Literal[], { words, item }: Literal): string[] | undefined {
  const [verb] = words;
  if (item !== undefined || verb === undefined || method === 'DELETE') return undefined;
  const isSingle = words.length === 1 || !isPlural(words.at(-1) ?? '');
  if (method === 'GET' ? !isPlainVerb(verb) : !isVerb(verb) || !(isSingle || isPlainVerb(verb))) return undefined;
  const noun = before.flatMap((literal) => literal.words);
  // A collection is searched as a whole.
  return [verb, ...(method === 'GET' ? noun : inSingular(noun)), ...words.slice(1)];
}

function thingName({ method, summary = '' }: Called, before: Literal[], { words, item }: Literal): string[] {
  const around = before.flatMap((literal) => literal.words);
  if (method === 'GET' && item === undefined && words.every((word) => adjectives.has(word))) {
    return words.includes('all') ? ['list', ...words, ...around] : ['get', ...words, ...inSingular(around)];
  }
  const byMethod = verbOf({ method, path: `/${words.join('-')}${item === undefined ? '' : '/{id}'}` });
  const spoken = spokenVerb(summary) ?? '';
  const verb = method !== 'GET' && changes.has(spoken) ? spoken : byMethod;
  return [verb, ...around, ...(verb === 'list' ? words : inSingular(words))];
}

/** `item` is the parameter that follows the segment. */
type Literal = { words: string[]; written: string[]; item?: string };

const VERSION = /^(?:api|rest|v\d+(?:\.\d+)*(?:(?:alpha|beta)\d*)?|\d{4}-\d\d(?:-\d\d)?|\d+(?:\.\d+)*)$/i;

/** Returns the literal segments of the path; a collection that is followed by its item is in the singular. */
function literalsOf(path: string): Literal[] {
  const literals: Literal[] = [];
  for (const segment of path.replace(/\.(?:json|xml)$|\?.*$/gs, '').split('/')) {
    const previous = literals.at(-1);
    const item = /^\{([^{}]*)\}/.exec(segment)?.[1];
    if (item !== undefined && previous !== undefined && previous.item === undefined) {
      previous.item = item;
      previous.words = inSingular(previous.words);
    }
    const words = wordsOf(segment.replaceAll(/\{[^{}]*\}/g, ' '));
    if (words.length > 0 && !VERSION.test(segment)) literals.push({ words, written: words });
  }
  return literals;
}

function inSingular(words: string[]): string[] {
  return [...words.slice(0, -1), ...words.slice(-1).map(singular)];
}

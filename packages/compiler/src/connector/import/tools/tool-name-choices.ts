import { adjectives } from './adjectives.ts';
import { namesFromPath } from './names-from-path.ts';
import { verbOf } from './verb-of.ts';
import { isPlainVerb, isStrongVerb, isVerb, spokenVerb } from './verbs.ts';
import { singular, wordsOf } from './words.ts';

export type NamedOperation = { operationId?: string; method: string; path: string; summary?: string };

/** What follows these words is not the object of the verb, which comes before them. */
const particles = new Set('for to by in from with of as on at into via or and per using'.split(' '));

/**
 * Returns names for the tool of an operation, from the shortest to the most distinctive: a verb, followed by its
 * object. Models choose by names before they read anything else.
 */
export function toolNameChoices(operation: NamedOperation): string[][] {
  const groups = isGenerated(operation) ? [] : groupsOf(withoutSuffix(operation));
  const words = groups.flat();
  if (words.length === 0) return namesFromPath(operation);
  const last = groups.at(-1) ?? [];
  const context = groups.slice(0, -1);
  if (isVerb(last[0]) && (groups.length === 1 || isPlainVerb(last[0]) || last.length > 1 || !isVerb(words[0]))) {
    return groups.length === 1 ? [withObject(last, operation)] : inContext(last, context);
  }
  if (isVerb(words[0])) return [words];
  const middle = words.findIndex((word) => isStrongVerb(word));
  if (middle > 0) return [verbFirst(words, middle)];
  const final = words.at(-1);
  if (words.length > 1 && (operation.method === 'GET' ? isPlainVerb(final) : isVerb(final))) {
    return [verbFirst(words, words.length - 1)];
  }
  const spoken = spokenVerb(operation.summary ?? '') ?? verbOf(operation);
  const verb = words.some((word) => isMadeOf(word, spoken)) ? verbOf(operation) : spoken;
  const object = words.map((word) => (word.startsWith(verb) && !isMadeOf(word, verb) ? word.slice(verb.length) : word));
  return [[verb, ...object.filter(Boolean)]];
}

/** Recognizes "booking" as derived from "book": it is a thing, which is created and not booked. */
function isMadeOf(word: string, verb: string): boolean {
  return word.startsWith(verb) && /^(?:s|es|ings?|ments?|als?|ers?|ors?)$/.test(word.slice(verb.length));
}

/** `get` alone has no meaning. */
function withObject(words: string[], operation: NamedOperation): string[] {
  return words.length > 1 ? words : [...words, ...(namesFromPath(operation)[0] ?? []).slice(1)];
}

/** Names ids such as `issues/list-for-repo`, `repos/list-branches` and `chat.postMessage`. */
function inContext([verb = '', ...object]: string[], context: string[][]): string[][] {
  const nearest = context.at(-1) ?? [];
  const isCounted = verb === 'list' || verb === 'search' || object[0] === 'all';
  const inflect = (words: string[]) => (isCounted ? words : [...words.slice(0, -1), ...words.slice(-1).map(singular)]);
  if (object.length > 0 && object.every((word) => adjectives.has(word))) {
    return [
      [verb, ...object, ...inflect(nearest)],
      [verb, ...object, ...inflect(context.flat())],
    ];
  }
  const isBare = object.length === 0 || particles.has(object[0] ?? '');
  // "create or update" counts as one verb.
  const verbEnd = object[0] === 'or' || object[0] === 'and' ? 2 : 0;
  const phrase = [verb, ...object.slice(0, verbEnd)];
  const rest = object.slice(verbEnd);
  if (verbEnd > 0 && rest.length > 0)
    return [
      [...phrase, ...rest],
      [...phrase, ...context.flat(), ...rest],
    ];
  return [
    isBare ? [...phrase, ...inflect(nearest), ...rest] : [...phrase, ...rest],
    [...phrase, ...(isBare ? inflect(context.flat()) : context.flat()), ...rest],
  ];
}

function verbFirst(words: string[], at: number): string[] {
  const isPair = words[at + 1] === 'or' && isStrongVerb(words[at + 2]);
  const verb = words.slice(at, isPair ? at + 3 : at + 1);
  return [...verb, ...words.slice(0, at), ...words.slice(at + verb.length)];
}

/** Splits an id at slashes, dots and colons, and also at underscores if camel case separates its words. */
function groupsOf(operationId: string): string[][] {
  const isCamel = /[a-z][A-Z]|(?:^|_)[A-Z]/.test(operationId);
  const separators = isCamel ? /[/.:_]+/ : /[/.:]+/;
  return operationId
    .split(separators)
    .map(wordsOf)
    .filter((words) => words.length > 0);
}

/** Returns true if a generator built the id from method and path, which are better sources themselves. */
function isGenerated({ operationId = '', method, path }: NamedOperation): boolean {
  const letters = lettersOf(operationId);
  const versionless = path.replaceAll(/\/(?:api|v\d+(?:\.\d+)*)(?=\/|$)/gi, '');
  const forms = [path, versionless].flatMap((each) => {
    return [each, each.replaceAll(/\{[^{}]*\}/g, 'id'), each.replaceAll(/\{[^{}]*\}/g, '')].map(lettersOf);
  });
  const verb = lettersOf(method);
  return forms.some((form) => letters === verb + form || letters === form + verb);
}

/** Removes what frameworks add to make their ids unique: `read_item_items__item_id__get`, `getItemUsingGET_1`. */
function withoutSuffix({ operationId = '', method, path }: NamedOperation): string {
  const short = operationId.replace(/Using(?:GET|POST|PUT|PATCH|DELETE)(?:_\d+)?$/, '');
  const suffix = `${path.replaceAll(/\W/g, '_')}_${method.toLowerCase()}`;
  return short.toLowerCase().endsWith(suffix.toLowerCase()) && short.length > suffix.length
    ? short.slice(0, -suffix.length)
    : short;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

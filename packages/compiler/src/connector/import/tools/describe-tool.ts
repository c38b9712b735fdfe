import { plainText } from '../texts/plain-text.ts';
import { sentencesOf, shorten } from '../texts/sentences.ts';
import { spokenVerb } from './verbs.ts';
import { wordsOf } from './words.ts';

const LENGTH_MIN = 20;
const LENGTH_MAX = 500;
const API_LENGTH_MAX = 60;
/** A second sentence is added only up to this length. */
const LENGTH_AIM = 300;

/** Sentences about how to call an API by hand, which a tool does itself. */
const NOISE =
  /\b(?:OAuth|JWT|access tokens?|scopes?|Content-Length|for more (?:information|details)|this feature was introduced|(?:is|are) available (?:in|with))\b|^(?:see|note)\b/i;

type Described = { summary?: string; description?: string; isDeprecated: boolean };

/**
 * Describes a tool in one or two sentences that begin with a verb, for the model that chooses a tool. `api` is the name
 * of the API.
 */
export function describeTool(toolName: string, operation: Described, api: string): string {
  const summary = endSentence(plainText(operation.summary ?? ''));
  const sentences = sentencesOf(plainText(operation.description ?? ''));
  const own = [summary, ...sentences.map(endSentence)].filter((text) => /\p{L}{2}/u.test(text));
  const [first = '', ...others] = own;
  let text = startsWithVerb(first) || first === '' ? first : `${toPhrase(toolName)}: ${first}`;
  const next = others.find((other) => !NOISE.test(other) && !isContained(other, text));
  if (next !== undefined && text.length + next.length <= LENGTH_AIM) text = `${text} ${next}`;
  if (text.length < LENGTH_MIN || wordsOf(text).join('_') === toolName) {
    text = `${(text || toPhrase(toolName)).replace(/[.!?…]$/, '')} in ${shorten(api, API_LENGTH_MAX).replace(/\.$/, '')}.`;
  }
  const mark = operation.isDeprecated ? ' Deprecated.' : '';
  return capitalized(shorten(text, LENGTH_MAX - mark.length)) + mark;
}

/** Recognizes even a verb that is in no list by its form: "Rebases the …". */
function startsWithVerb(text: string): boolean {
  return spokenVerb(text) !== undefined || /^[A-Z]?[a-z]+s (?:an?|the|all|one|this|your) /.test(text);
}

/** Returns true if the sentence only repeats words of the text. */
function isContained(sentence: string, text: string): boolean {
  const known = new Set(wordsOf(text).map((word) => word.replace(/s$/, '')));
  return wordsOf(sentence).every((word) => known.has(word.replace(/s$/, '')));
}

function endSentence(text: string): string {
  return text === '' || /[.!?…]$/.test(text) ? text : `${text.replace(/[:;,]$/, '')}.`;
}

function toPhrase(toolName: string): string {
  return capitalized(toolName.replaceAll('_', ' '));
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

import { stemmer } from 'stemmer';
import { stopWords } from './stop-words.ts';

/** Longer texts are cut: the purpose of a tool is described at the beginning. */
const TEXT_LENGTH_MAX = 2000;
const STEMS_KEPT_MAX = 20_000;
/** Longer words are ignored: they are not words. */
const WORD_LENGTH_MAX = 40;

const stems = new Map<string, string>();

/** The words of a text or of a name, in lower case, without endings and stop words. */
export function toTerms(text: string): string[] {
  return toWords(text).flatMap((word) => (stopWords.has(word) ? [] : [stemOf(word)]));
}

/** `createPullRequest`, `create_pull_request` and `Create pull-request` have the same words. */
export function toWords(text: string): string[] {
  return text
    .slice(0, TEXT_LENGTH_MAX)
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && word.length <= WORD_LENGTH_MAX);
}

/** A `contributor` is somebody who contributes. Porter's algorithm leaves such words unchanged. */
function toVerb(stem: string): string {
  return stem.replace(/(?<=^[a-z]{4,})(?:e|o)r$/, '');
}

/** Porter's algorithm, which is for English. Words in other scripts remain unchanged. */
export function stemOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const stem = toVerb(stemmer(word));
  if (stems.size >= STEMS_KEPT_MAX) stems.clear();
  stems.set(word, stem);
  return stem;
}

import { stemmer } from 'stemmer';
import { stopWords } from './stop-words.ts';

/** Longer texts are cut: what a tool is for is said in the beginning. */
const TEXT_LENGTH_MAX = 2000;
const STEMS_KEPT_MAX = 20_000;
/** Longer ones are not words. */
const WORD_LENGTH_MAX = 40;

const stems = new Map<string, string>();

/** The words of a text or of a name, in lower case, without endings and without those that say nothing. */
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

/** `contributor` is who contributes, which the algorithm of Porter leaves as it is. */
function toVerb(stem: string): string {
  return stem.replace(/(?<=^[a-z]{4,})(?:e|o)r$/, '');
}

/** The algorithm of Porter, which is for English; words of other scripts stay as they are. */
export function stemOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const stem = toVerb(stemmer(word));
  if (stems.size >= STEMS_KEPT_MAX) stems.clear();
  stems.set(word, stem);
  return stem;
}

/**
 * What an English text begins with that names a thing. One that says what a tool does mostly begins with a verb, so no
 * list of verbs is needed; a text with any other beginning is not judged, because a false alarm is worse than a missed
 * one.
 */
const NAMES_A_THING = /^(?:the|an?|information|details)\s/;
/** A text without any of these may be in another language. */
const ENGLISH = /\s(?:the|of|for|with|by|and|from|about|to)\s/;
const AUXILIARY_OR_PARTICIPLE = /\b(?:is|are|was|were|be|has|have|can|may|must|will|does|do)\b|\w(?:ed|en|ing)\b/;
/** A noun and a verb in the third person: "The endpoint creates …", but not "A list of users …". */
const NOUN_AND_VERB = /^\S+ (?:\S+ )?(?!(?:the|an?|of|for|with|by|and|from|about|to|all) )\w+ \w*[^siu\W]s\b/;

/** Returns true for an English text that names a thing instead of saying what is done. */
export function lacksVerb(text: string): boolean {
  const said = text.trim().toLowerCase();
  if (!NAMES_A_THING.test(said) || !ENGLISH.test(said) || /[^\p{ASCII}]/u.test(said)) return false;
  return !AUXILIARY_OR_PARTICIPLE.test(said) && !NOUN_AND_VERB.test(said);
}

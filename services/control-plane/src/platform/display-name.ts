/**
 * Prepares a name that somebody chose for display to other people and their models: on one line, without invisible
 * characters and characters that change the text direction, and truncated. Returns undefined if nothing of the name is
 * visible.
 */
export function toDisplayName(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  const shown = name.replaceAll(SELECTORS, '').replaceAll(NOT_SHOWN, ' ').trim();
  return shown === '' ? undefined : Array.from(shown).slice(0, LENGTH_MAX).join('').trimEnd();
}

const LENGTH_MAX = 80;
/** Variation selectors can carry a hidden message after any character. */
const SELECTORS = /\p{Variation_Selector}/gu;
const NOT_SHOWN = /[\p{C}\p{Z}\s\p{Default_Ignorable_Code_Point}]+/gu;

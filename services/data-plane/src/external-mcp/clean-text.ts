import type { externalFlags } from '@toolplane/contracts';

export type Flag = (typeof externalFlags)[number];

/**
 * Cleans a text of an untrusted server that a model will read: removes characters that a person who approves it does
 * not see (T30), and cuts it to its limit. Line breaks and tabs are kept unless `isOneLine` is set.
 */
export function cleanText(
  text: string,
  { lengthMax, isOneLine = false }: { lengthMax: number; isOneLine?: boolean },
): { text: string; flags: Flag[] } {
  const shown = text.toWellFormed().replace(HIDDEN, '');
  const lines = isOneLine ? shown.replace(BREAKS, ' ') : shown;
  const flags: Flag[] = shown === text ? [] : ['hidden'];
  if (lines.length <= lengthMax) return { text: lines, flags };
  return { text: `${lines.slice(0, lengthMax - 1).replace(HALF_CHARACTER, '')}…`, flags: [...flags, 'cut'] };
}

/**
 * Control characters except tab and line breaks; everything that Unicode calls format or lets fonts ignore (zero width,
 * directions, tags, and variation selectors, which can carry a message after any character); and private use.
 */
const HIDDEN = /(?![\t\r\n])[\p{Cc}\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}]/gu;
const BREAKS = /[\t\r\n\p{Zl}\p{Zp}]+/gu;
const HALF_CHARACTER = /[\uD800-\uDBFF]$/;

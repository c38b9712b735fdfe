const CATEGORY = String.raw`\\[pP]\{(?:L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|Z[lps]?|S[ckmo]?|C[cfno]?)\}`;
const ESCAPE = String.raw`\\[()*+\-.?[\\\]^nrt{|}]`;
const MEMBER = String.raw`(?:[^\-[\\\]\p{Cs}]|${ESCAPE})`;
const CLASS = String.raw`\[\^?(?:-|${MEMBER}(?:-${MEMBER})?|${CATEGORY})(?:${MEMBER}(?:-${MEMBER})?|${CATEGORY})*-?\]`;
const QUANTIFIER = String.raw`[*+?]|\{\d+(?:,\d*)?\}`;
/** `^` and `$` are ordinary characters of the grammar, and its own mappings to other dialects leave them unchanged. */
const NORMAL = String.raw`[^()*+.?[\\\]{|}\p{Cs}]`;

const tokens = new RegExp(
  `(?<open>\\()|(?<close>\\))|(?<or>\\|)|(?<dot>\\.)|(?<quantifier>${QUANTIFIER})|${ESCAPE}|${CATEGORY}|${CLASS}|${NORMAL}`,
  'uy',
);

/**
 * Translates a regular expression of JSONPath (I-Regexp, RFC 9485) to ECMAScript syntax. Returns undefined for anything
 * else, such as `\d` or a lazy quantifier. With `isWhole`, the pattern must match the whole text.
 */
export function translateIRegexp(pattern: string, isWhole: boolean): string | undefined {
  let translated = '';
  let depth = 0;
  let canRepeat = false;
  tokens.lastIndex = 0;
  while (tokens.lastIndex < pattern.length) {
    const match = tokens.exec(pattern);
    if (match === null) return undefined;
    const { open, close, or, dot, quantifier } = match.groups ?? {};
    if (quantifier !== undefined && !canRepeat) return undefined;
    if (open !== undefined) depth += 1;
    if (close !== undefined) depth -= 1;
    if (depth < 0) return undefined;
    canRepeat = open === undefined && or === undefined && quantifier === undefined;
    translated += dot === undefined ? match[0] : '[^\\n\\r]';
  }
  if (depth > 0) return undefined;
  return isWhole ? `^(?:${translated})$` : translated;
}

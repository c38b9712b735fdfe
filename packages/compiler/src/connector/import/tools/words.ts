/** Splits `projectsV2`, `list-for-repo` or `HTTPResponse` into words in lower case. */
export function wordsOf(text: string): string[] {
  const words = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/OAuth|GitHub|GitLab|OpenAPI|GraphQL/g, (name) => `${name.slice(0, 1)}${name.slice(1).toLowerCase()}`)
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  const joined: string[] = [];
  for (const word of words) {
    // "re-run" is one word.
    if (joined.at(-1) === 're' || joined.at(-1) === 'un') joined[joined.length - 1] += word;
    else joined.push(word);
  }
  return joined;
}

const PLURALS = new Set(['people', 'children', 'data', 'media', 'criteria', 'indices', 'members']);

/** Words that look like a plural but are singular or uncountable. */
const NO_PLURALS = new Set(
  `status address access news settings details analytics metrics statistics stats progress process business canvas alias
  bonus https dns sms aws ios css js os gps sales series usage success class pass has is was this us chess gas kms sns
  sqs preferences properties info bus radius axis basis analysis corpus campus focus menus`.split(/\s+/),
);

const IRREGULAR: Readonly<Record<string, string>> = {
  people: 'person',
  children: 'child',
  criteria: 'criterion',
  indices: 'index',
  movies: 'movie',
  cookies: 'cookie',
  caches: 'cache',
  aliases: 'alias',
  statuses: 'status',
  properties: 'property',
  preferences: 'preference',
};

export function isPlural(word: string): boolean {
  return PLURALS.has(word) || (word.length > 2 && /[^su]s$/.test(word) && !NO_PLURALS.has(word));
}

export function singular(word: string): string {
  const known = IRREGULAR[word];
  if (known !== undefined) return known;
  if (!isPlural(word) || PLURALS.has(word)) return word;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  return /(?:ss|x|ch|sh)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1);
}

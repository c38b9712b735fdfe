const fillers = new Set([
  'a',
  'an',
  'the',
  'of',
  'for',
  'from',
  'to',
  'by',
  'with',
  'and',
  'in',
  'on',
  'all',
  'that',
  'is',
]);

/** Returns an unused shorter name made of the same words: first without filler words, then without the last words. */
export function shortenName(name: string, lengthMax: number, taken: ReadonlySet<string>): string {
  const separator = name.includes('-') && !name.includes('_') ? '-' : '_';
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, `$1${separator}$2`)
    .split(/[_-]+/)
    .filter(Boolean);
  const distinctive = words.filter((word) => !fillers.has(word.toLowerCase()));
  let shorter = '';
  for (const word of distinctive) {
    const longer = shorter === '' ? word : `${shorter}${separator}${word}`;
    if (longer.length > lengthMax) break;
    shorter = longer;
  }
  return toFreeName(shorter === '' ? name.slice(0, lengthMax) : shorter, lengthMax, taken);
}

function toFreeName(name: string, lengthMax: number, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) {
    free = `${name.slice(0, lengthMax - String(number).length - 1)}_${number}`;
  }
  return free;
}

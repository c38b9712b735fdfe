/**
 * Compares by the precedence of Semantic Versioning 2.0.0, section 11: negative if `a` is lower. Anything after a `+`
 * is ignored.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  return compareLists(left.numbers, right.numbers) || comparePrereleases(left.prerelease, right.prerelease);
}

function parse(version: string) {
  const [text = ''] = version.split('+', 1);
  const dash = text.indexOf('-');
  const [numbers, prerelease] = dash === -1 ? [text, ''] : [text.slice(0, dash), text.slice(dash + 1)];
  return { numbers: numbers.split('.'), prerelease: prerelease === '' ? [] : prerelease.split('.') };
}

/** A release comes after all of its pre-releases. */
function comparePrereleases(a: string[], b: string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  return compareLists(a, b);
}

function compareLists(a: string[], b: string[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    const difference = compareIdentifiers(left, right);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Numbers come before words. */
function compareIdentifiers(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  if (isNumberA && BigInt(a) !== BigInt(b)) return BigInt(a) < BigInt(b) ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

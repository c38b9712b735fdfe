/** Returns the keys that occur more than once in one object. The text must be JSON. */
export function findDuplicateKeys(json: string): string[] {
  const duplicates = new Set<string>();
  const open: Set<string>[] = [];
  let previous = '';
  for (const [token] of json.matchAll(/"(?:[^"\\]+|\\.)*"|[{}:]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token === ':') {
      const key = JSON.parse(previous) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) duplicates.add(key);
      keys?.add(key);
    }
    previous = token;
  }
  return [...duplicates];
}

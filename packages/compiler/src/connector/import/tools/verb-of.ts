import { isPlural, wordsOf } from './words.ts';

/** Returns the verb for method and shape of the path, for names without a verb. */
export function verbOf({ method, path }: { method: string; path: string }): string {
  const isItem = /\}[^/]*$/.test(path);
  switch (method) {
    case 'GET':
      return !isItem && isPlural(wordsOf(path.split('/').at(-1) ?? '').at(-1) ?? '') ? 'list' : 'get';
    case 'POST':
      return isItem ? 'update' : 'create';
    case 'DELETE':
      return 'delete';
    case 'HEAD':
      return 'check';
    default:
      return 'update';
  }
}

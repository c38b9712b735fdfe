import { appendPointer } from '@toolplane/contracts';

/**
 * Writes a path into the scope as an Arazzo document writes it. The result consists of texts of the document and
 * contains no value.
 */
export function writePath([root = '', ...rest]: readonly string[]): string {
  switch (root) {
    case 'steps':
      return write('$steps', rest, 3);
    case 'workflows':
      // The plan knows a workflow only by its index.
      return write('$workflows.*', rest.slice(1), 2);
    case 'child':
      return write('$outputs', rest, 1);
    case 'request':
    case 'response':
      return writeMessage(root, rest);
    default:
      return write(`$${root}`, rest, 1);
  }
}

function writeMessage(message: string, [part = '', ...rest]: string[]): string {
  if (part === 'status') return '$statusCode';
  if (part === 'method' || part === 'url') return `$${part}`;
  if (part === 'headers') return `$${message}.header.${rest[0] ?? ''}`;
  return write(`$${message}.${part}`, rest, part === 'body' ? 0 : 1);
}

/** Segments after the names are written as a JSON Pointer. */
function write(start: string, segments: string[], nameCount: number): string {
  const pointer = segments.slice(nameCount).reduce(appendPointer, '');
  return [start, ...segments.slice(0, nameCount)].join('.') + (pointer === '' ? '' : `#${pointer}`);
}

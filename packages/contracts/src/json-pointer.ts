/** JSON Pointer (RFC 6901) of a member of the value that `pointer` names. */
export function appendPointer(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The unescaped segments of a JSON Pointer; the whole value has none. */
export function pointerSegments(pointer: string): string[] {
  const [, ...segments] = pointer.split('/');
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The names with which an expression begins, after the `$`. */
export const roots = [
  'url',
  'method',
  'statusCode',
  'self',
  'request',
  'response',
  'message',
  'inputs',
  'outputs',
  'steps',
  'workflows',
  'sourceDescriptions',
  'components',
  'secrets',
  'config',
  'current_user',
];

const MISTYPED = new RegExp(String.raw`^\$(?:${roots.join('|')})(?:$|[.#[/])`);

/**
 * Returns true if the text is not an expression but was meant as one. Other texts that begin with `$` are ordinary
 * text.
 */
export function isMistyped(text: string): boolean {
  return MISTYPED.test(text);
}

/** Returns the root that a text may have meant, as in `$input.name` or `$Steps.a`. */
export function findMeantRoot(text: string): string | undefined {
  const written = /^\$(\w+)(?:\.|$)/.exec(text)?.[1];
  if (written === undefined) return undefined;
  const plain = (name: string) => name.toLowerCase().replace(/s$|_/g, '');
  return roots.find((root) => plain(root) === plain(written));
}

/** What an expression begins with, after the `$`. */
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

/** Was this text meant as an expression, although it is not one? Other texts that begin with `$` are only text. */
export function isMistyped(text: string): boolean {
  return MISTYPED.test(text);
}

/** The root that a text may have meant: `$input.name`, `$Steps.a`. */
export function findMeantRoot(text: string): string | undefined {
  const written = /^\$(\w+)(?:\.|$)/.exec(text)?.[1];
  if (written === undefined) return undefined;
  const plain = (name: string) => name.toLowerCase().replace(/s$|_/g, '');
  return roots.find((root) => plain(root) === plain(written));
}

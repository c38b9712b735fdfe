import type { Template } from '@toolplane/contracts';

/** The name of a header, and its text, which refers to secrets of the server as `$secrets.NAME`. */
export type Header = [name: string, value: string];

const SECRET = /\$secrets\.([A-Za-z][A-Za-z0-9_]{0,127})/;

/** The headers in the form of a plan, with the names of the secrets. */
export function toHeaderTemplates(headers: readonly Header[]): { headers: [string, Template][]; secrets: string[] } {
  return {
    headers: headers.map(([name, value]) => [name, { kind: 'text', parts: toParts(value), strict: true }]),
    secrets: [...new Set(headers.flatMap(([, value]) => findSecretNames(value)))],
  };
}

export function findSecretNames(value: string): string[] {
  return toParts(value).flatMap((part) => (typeof part === 'string' ? [] : part.path.slice(1)));
}

function toParts(value: string): (string | { path: string[] })[] {
  // Splitting by a pattern with a group puts the captured texts at the odd indexes.
  const parts = value.split(SECRET).map((text, index) => (index % 2 === 0 ? text : { path: ['secrets', text] }));
  return parts.filter((part) => part !== '');
}

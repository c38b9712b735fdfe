import type { Json } from '@toolplane/contracts';

const NAME =
  /(?:^|[_-])(?:token|password|passwd|passphrase|passcode|secret|credentials?|(?:api|access|private)[_-]?key)$/i;

/** By the name of a property or by its schema. */
export function looksLikeCredential(name: string, schema: Json): boolean {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1_$2');
  return NAME.test(words) || formatOf(schema) === 'password';
}

function formatOf(schema: Json): Json | undefined {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema) ? schema['format'] : undefined;
}

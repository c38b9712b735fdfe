/** What was published. Anybody who can write to Redis can forge a change; it only makes a reader read again. */
export type Change = {
  kind: 'manifest' | 'api-key' | 'catalogue' | 'egress' | 'users' | 'user' | 'approval' | 'issuer' | 'publication';
  id: string;
};

/** The id for documents of which only one exists. */
export const PLATFORM = 'platform';

const kinds: readonly string[] = [
  'manifest',
  'api-key',
  'catalogue',
  'egress',
  'users',
  'user',
  'approval',
  'issuer',
  'publication',
] satisfies Change['kind'][];

export function toChangeMessage({ kind, id }: Change): string {
  return `${kind} ${id}`;
}

export function readChangeMessage(message: string): Change | undefined {
  const [kind = '', id = ''] = message.split(' ', 2);
  return kinds.includes(kind) ? { kind: kind as Change['kind'], id } : undefined;
}

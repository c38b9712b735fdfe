/** What was published. Anybody who can write to Redis can say so; it only makes a reader look again. */
export type Change = {
  kind: 'manifest' | 'api-key' | 'catalogue' | 'egress' | 'users' | 'user' | 'approval' | 'issuer' | 'publication';
  id: string;
};

/** The id of what there is one of. */
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

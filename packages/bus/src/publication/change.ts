const kinds = [
  'manifest',
  'api-key',
  'catalogue',
  'egress',
  'users',
  'user',
  'approval',
  'issuer',
  'publication',
] as const;

/** What was published. Anybody who can write to Redis can forge a change; it only makes a reader read again. */
export type PublicationChange = { kind: (typeof kinds)[number]; id: string };

/** The id for documents of which only one exists. */
export const PLATFORM = 'platform';

export function toChangeMessage({ kind, id }: PublicationChange): string {
  return `${kind} ${id}`;
}

export function readChangeMessage(message: string): PublicationChange | undefined {
  const [name = '', id = ''] = message.split(' ', 2);
  const kind = kinds.find((each) => each === name);
  return kind && { kind, id };
}

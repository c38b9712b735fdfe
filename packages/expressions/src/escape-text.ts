export type Escape = 'xml' | 'form';

/** A value as it is written into XML, as text or in an attribute, or into a form. */
export function escapeText(value: string, where: Escape | undefined): string {
  if (where === undefined) return value;
  return where === 'xml' ? value.replace(/[&<>"']/g, toEntity) : new URLSearchParams([['', value]]).toString().slice(1);
}

function toEntity(character: string): string {
  return entities.get(character) ?? character;
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
]);

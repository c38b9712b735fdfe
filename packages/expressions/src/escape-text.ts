export type Escape = 'xml' | 'form';

/** Escapes a value for a form or for XML, where it may be in text, in an attribute or inside CDATA. */
export function escapeText(value: string, where: Escape | 'cdata' | undefined): string {
  switch (where) {
    case undefined:
      return value;
    case 'xml':
      return value.replace(/[&<>"']/g, toEntity);
    case 'cdata':
      return escapeCdata(value);
    case 'form':
      return new URLSearchParams([['', value]]).toString().slice(1);
  }
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

/** Splits `]]>` between two sections, even if part of it is before or after the value. */
function escapeCdata(value: string): string {
  return value.replace(/(?<=^|\])>/g, ']]><![CDATA[>').replace(/\]$/, ']]]><![CDATA[');
}

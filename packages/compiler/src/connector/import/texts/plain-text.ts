const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  mdash: '–',
  ndash: '–',
  rsquo: "'",
  lsquo: "'",
  ldquo: '"',
  rdquo: '"',
  hellip: '…',
};

/** The rest of a longer text is ignored, because the rules below scan the text repeatedly. */
const LENGTH_MAX = 4000;

/** Removes Markdown and HTML and joins the lines: a model pays for markup and gains nothing from it. */
export function plainText(text: string): string {
  const withoutBlocks = text
    .slice(0, LENGTH_MAX)
    .replaceAll(/<!--.*?-->/gs, ' ')
    .replaceAll(/```.*?(?:```|$)/gs, ' ')
    .replaceAll(/^\s*\|.*$/gm, ' ')
    .replaceAll(/^[\t ]*(?:[-*_=][\t ]*){3,}$/gm, ' ')
    .replaceAll(/^\s*>?\s*\[!(\w+)\]/gm, ' ')
    .replaceAll(/^[\t ]{0,3}#{1,6}\s+(.*?)[\t #]*$/gm, endSentence)
    .replaceAll(/^[\t ]*(?:>|[-*+]|\d+\.)[\t ]+/gm, ' ')
    .replaceAll(/<\/(?:p|li|h\d|div|tr)>|<br\s*\/?>/gi, '\n')
    .replaceAll(/<\/?[a-z][^<>]*>/gi, '');
  return withoutBlocks
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, ' ')
    .replaceAll(/\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replaceAll(/(\*\*|__|~~)(?=\S)([^*_~]+?)\1/g, '$2')
    .replaceAll(/(^|[\s(])[*_](?=\S)([^*_\s][^*_]*?)[*_](?=$|[\s).,;:!?])/gm, '$1$2')
    .replaceAll('`', '')
    .replaceAll(/\\([\\`*_{}[\]()#+.!|<>-])/g, '$1')
    .replaceAll(/&(#\d{1,6}|#x[\da-f]{1,5}|\w{2,6});/gi, decodeEntity)
    .replaceAll(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll(/ ([,.;:!?])(?=\s|$)/g, '$1')
    .toWellFormed()
    .trim();
}

/** A heading has no full stop, so the following text would read as part of it. */
function endSentence(_: string, heading: string): string {
  return /[.:!?]$/.test(heading) ? `${heading} ` : `${heading}. `;
}

function decodeEntity(written: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? written;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code >= 32 && code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
}

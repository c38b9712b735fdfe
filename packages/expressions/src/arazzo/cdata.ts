const ends = new Map([
  ['<![CDATA[', ']]>'],
  ['<!--', '-->'],
  ['<?', '?>'],
]);

/**
 * Reads XML piece by piece and tracks whether it is inside CDATA. A CDATA opening inside a comment, an instruction or
 * another CDATA section does not count.
 */
export function createCdataReader(): { read(text: string): void; isInside(): boolean } {
  let open: string | undefined;
  return {
    read(text) {
      for (let position = 0; position < text.length; ) {
        const next = open === undefined ? findOpening(text, position) : findEnd(text, position, open);
        if (next === undefined) return;
        open = next.open;
        position = next.position;
      }
    },
    isInside: () => open === '<![CDATA[',
  };
}

type Next = { position: number; open: string | undefined };

function findOpening(text: string, from: number): Next | undefined {
  const pattern = /<!\[CDATA\[|<!--|<\?/g;
  pattern.lastIndex = from;
  const found = pattern.exec(text)?.[0];
  return found === undefined ? undefined : { position: pattern.lastIndex, open: found };
}

function findEnd(text: string, from: number, open: string): Next | undefined {
  const end = ends.get(open) ?? '';
  const at = text.indexOf(end, from);
  return at < 0 ? undefined : { position: at + end.length, open: undefined };
}

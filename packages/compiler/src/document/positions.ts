import { pointerSegments } from '@toolplane/contracts';
import { type Alias, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';

/** Both count from 1. */
export type Position = { line: number; column: number };

export type Positions = {
  /**
   * Returns the position of a value, or of the closest one around it that the document has. `offset` counts inside a
   * text.
   */
  ofValue(pointer: string, offset?: number): Position;
  ofKey(pointer: string): Position;
  atOffset(offset: number): Position;
};

type Source = { root: Node | null; aliases: ReadonlyMap<Alias, Node>; text: string; lines: LineCounter };

/** Positions are determined when a problem is reported, so a document without problems pays nothing for them. */
export function createPositions({ root, aliases, text, lines }: Source): Positions {
  return {
    ofValue(pointer, offset) {
      const { node } = find(pointer);
      return atOffset(node === null ? 0 : offsetInside(node, offset));
    },
    ofKey(pointer) {
      const { node, key } = find(pointer);
      return atOffset(startOf(key ?? node));
    },
    atOffset,
  };

  function atOffset(offset: number): Position {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  function find(pointer: string): { node: Node | null; key: Node | null } {
    let found: { node: Node | null; key: Node | null } = { node: root, key: null };
    for (const segment of pointerSegments(pointer)) {
      const inside = childOf(resolve(found.node), segment);
      if (inside === undefined) return found;
      // An empty value has no position of its own.
      found = { node: inside.node ?? inside.key, key: inside.key };
    }
    return found;
  }

  function childOf(node: Node | null, segment: string): { node: Node | null; key: Node | null } | undefined {
    if (isSeq(node)) {
      const index = Number(segment);
      return index < node.items.length ? { node: node.items[index] as Node | null, key: null } : undefined;
    }
    if (!isMap(node)) return undefined;
    const pair = (node.items as Pair<Node, Node | null>[]).find(
      ({ key }) => isScalar(key) && String(key.value ?? '') === segment,
    );
    return pair === undefined ? undefined : { node: pair.value, key: pair.key };
  }

  function resolve(node: Node | null): Node | null {
    return isAlias(node) ? (aliases.get(node) ?? null) : node;
  }

  /**
   * Returns the exact position if the document contains the text unchanged or line by line, and otherwise the start of
   * the value.
   */
  function offsetInside(node: Node, offset: number | undefined): number {
    const start = startOf(node);
    if (offset === undefined || !isScalar(node) || typeof node.value !== 'string' || !node.range) return start;
    if (node.type === 'BLOCK_LITERAL') return offsetInBlock(start, node.value, offset);
    if (offset === 0) return start;
    const written = text.slice(node.range[0], node.range[1]);
    if (written === node.value) return start + offset;
    return written.slice(1, -1) === node.value ? start + 1 + offset : start;
  }

  /** In a text after `|`, each line is a separate line of the document that differs only in its indentation. */
  function offsetInBlock(header: number, value: string, offset: number): number {
    const before = value.slice(0, offset).split('\n');
    let start = header;
    for (const _ of before) start = text.indexOf('\n', start) + 1 || text.length;
    const line = value.split('\n', before.length).at(-1) ?? '';
    const written = /[^\r\n]*/y;
    written.lastIndex = start;
    const length = written.exec(text)?.[0].length ?? 0;
    return start + Math.max(length - line.length, 0) + (before.at(-1) ?? '').length;
  }
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

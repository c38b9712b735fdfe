import type { Json, JsonObject } from '@toolplane/contracts';

const DEPTH_MAX = 64;
const NODES_MAX = 200_000;

/** Thrown for a value that is refused before any schema is applied. */
export class UnfitValue extends Error {
  readonly rule: string;

  constructor(rule: string, message: string) {
    super(message);
    this.rule = rule;
  }
}

/**
 * Copies a value so that defaults can be written into it. Objects of a bare copy have no prototype. Throws
 * `UnfitValue`.
 */
export function copyValue(value: Json, { isBare = false } = {}): { copy: Json; nodeCount: number } {
  let nodeCount = 0;
  return { copy: copyPart(value, 0), nodeCount };

  function copyPart(part: Json, depth: number): Json {
    nodeCount += 1;
    if (nodeCount > NODES_MAX) throw new UnfitValue('size', `must not hold more than ${NODES_MAX} values`);
    if (typeof part !== 'object' || part === null) return part;
    if (depth >= DEPTH_MAX) throw new UnfitValue('depth', `must not nest more than ${DEPTH_MAX} levels`);
    if (Array.isArray(part)) return part.map((item) => copyPart(item, depth + 1));
    const members: JsonObject = isBare ? Object.create(null) : {};
    for (const key of Object.keys(part)) {
      if (key === '__proto__') throw new UnfitValue('propertyNames', 'must not have a property "__proto__"');
      members[key] = copyPart(part[key] as Json, depth + 1);
    }
    return members;
  }
}

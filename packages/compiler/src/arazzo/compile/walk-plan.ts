/**
 * Visits the paths and workflow indexes in any piece of a plan and returns a copy with the values that the visitor
 * returns. Literal values belong to the document and are not searched.
 */
export type PlanVisitor = { path?(path: string[]): string[]; workflowIndex?(index: number): number };

export function walkPlan<Piece>(piece: Piece, visitor: PlanVisitor): Piece {
  return walk(piece, visitor) as Piece;
}

function walk(piece: unknown, visitor: PlanVisitor): unknown {
  if (Array.isArray(piece)) return piece.map((item) => walk(item, visitor));
  if (typeof piece !== 'object' || piece === null) return piece;
  if ('kind' in piece && piece.kind === 'literal') return piece;
  return Object.fromEntries(Object.entries(piece).map(([key, value]) => [key, walkMember(key, value, visitor)]));
}

function walkMember(key: string, value: unknown, visitor: PlanVisitor): unknown {
  if (key === 'path' && isPath(value)) return visitor.path?.(value) ?? value;
  if (key === 'workflowIndex' && typeof value === 'number') return visitor.workflowIndex?.(value) ?? value;
  return walk(value, visitor);
}

function isPath(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

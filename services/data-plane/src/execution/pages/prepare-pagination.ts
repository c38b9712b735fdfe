import type { PlanPagination } from '@toolplane/contracts';
import { compileTemplate, type EvaluateTemplate } from '@toolplane/expressions';

export type PreparedPagination = Omit<PlanPagination, 'items' | 'nextCursor'> & {
  items: EvaluateTemplate;
  nextCursor: EvaluateTemplate | undefined;
};

export function preparePagination({ items, nextCursor, ...rest }: PlanPagination): PreparedPagination {
  return {
    ...rest,
    items: compileTemplate(items),
    nextCursor: nextCursor === undefined ? undefined : compileTemplate(nextCursor),
  };
}

import { Pagination } from '@mantine/core';
import { useEffect, useEffectEvent } from 'react';
import type { List } from './use-list.ts';

type Parts = {
  answer: { data: { totalPages?: number } | undefined; isFetching: boolean };
  list: List;
};

/** Navigates the pages of a list. If the current page no longer exists, it returns to the last one. */
export function Pager({ answer: { data, isFetching }, list: { page, goToPage } }: Parts) {
  const total = Math.max(1, data?.totalPages ?? 1);
  // A reloaded answer may have fewer pages than before.
  const isGone = data !== undefined && !isFetching && page > total;
  const goToLast = useEffectEvent(() => goToPage(total, false));
  useEffect(() => {
    if (isGone) goToLast();
  }, [isGone]);
  if (total === 1) return undefined;
  return (
    <Pagination total={total} value={page} onChange={(chosen) => goToPage(chosen, true)} getControlProps={toName} />
  );
}

function toName(control: string) {
  return { 'aria-label': control === 'next' ? 'Next page' : 'Previous page' };
}

import { Pagination } from '@mantine/core';
import { useEffect, useEffectEvent } from 'react';
import type { List } from './use-list.ts';

type Parts = {
  answer: { data: { totalPages?: number } | undefined; isFetching: boolean };
  list: List;
};

/** Leads through the pages of a list, and back to its last one when the page that is looked at is gone. */
export function Pager({ answer: { data, isFetching }, list: { page, goToPage } }: Parts) {
  const total = Math.max(1, data?.totalPages ?? 1);
  // An answer that is asked for anew may know fewer pages than there are by now.
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

import { Pagination } from '@mantine/core';
import { useEffect } from 'react';

type Parts = {
  answer: { data: { totalPages?: number } | undefined; isFetching: boolean };
  page: number;
  onPage: (page: number) => void;
};

/** Leads through the pages of a list, and back to its last one when the page that is looked at is gone. */
export function Pager({ answer: { data, isFetching }, page, onPage }: Parts) {
  const total = Math.max(1, data?.totalPages ?? 1);
  // An answer that is asked for anew may know fewer pages than there are by now.
  const isGone = data !== undefined && !isFetching && page > total;
  useEffect(() => {
    if (isGone) onPage(total);
  }, [isGone, onPage, total]);
  if (total === 1) return undefined;
  return <Pagination total={total} value={page} onChange={onPage} getControlProps={toName} />;
}

function toName(control: string) {
  return { 'aria-label': control === 'next' ? 'Next page' : 'Previous page' };
}

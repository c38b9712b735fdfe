import { Table, type TableProps } from '@mantine/core';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';

type Column = string | { name: string; ta: 'right' };

type Parts = Pick<TableProps, 'layout' | 'horizontalSpacing'> & {
  /** The name of the list. */
  label: string;
  /** Minimum width in pixels. If there is less space, the table scrolls instead of the page. */
  minWidth: number;
  /** Undefined for a column that the signed-in person does not see. */
  columns: readonly (Column | undefined)[];
  /** The rows. In each row, the cell that names it is a `Table.Th` with the scope `row`. */
  children: ReactNode;
};

/** The rows of a list, under the names of their columns. */
export function ListTable({ label, minWidth, columns, children, ...table }: Parts) {
  const box = useRef<HTMLDivElement>(null);
  // People without a mouse scroll the focused element.
  const reached = useIsWiderThanShown(box) ? { role: 'region', 'aria-label': label, tabIndex: 0 } : {};
  const acts = columns.at(-1) === 'Actions';
  return (
    <Table.ScrollContainer type="native" ref={box} minWidth={minWidth} w="100%" {...reached}>
      <Table verticalSpacing="sm" aria-label={label} data-acts={acts || undefined} {...table}>
        <Table.Thead>
          <Table.Tr>{columns.map((column) => column && <Head key={toName(column)} column={column} />)}</Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Head({ column }: { column: Column }) {
  return <Table.Th {...(typeof column === 'string' ? {} : { ta: column.ta })}>{toName(column)}</Table.Th>;
}

function toName(column: Column): string {
  return typeof column === 'string' ? column : column.name;
}

function useIsWiderThanShown(box: RefObject<HTMLElement | null>): boolean {
  const [isWider, setWider] = useState(false);
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    const observer = new ResizeObserver(() => setWider(current.scrollWidth > current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, [box]);
  return isWider;
}

import { Tabs } from '@mantine/core';
import { useEffect, useRef } from 'react';

type Parts = { tabs: readonly { name: string; label: string }[]; open: string | null };

/** Tabs in one row, which scrolls if there is not enough space. The open tab is always visible. */
export function TabList({ tabs, open }: Parts) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open !== null) row.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  return (
    <Tabs.List mb="md" ref={row}>
      {tabs.map(({ name, label }) => (
        <Tabs.Tab key={name} value={name}>
          {label}
        </Tabs.Tab>
      ))}
    </Tabs.List>
  );
}

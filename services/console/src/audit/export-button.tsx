import { Button, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { downloadLines, saveFile } from '../api/download.ts';
import { useHere } from '../api/session.ts';
import { Problem } from '../parts/answers.tsx';
import type { AuditSearch } from './audit-filter.ts';

/** Saves the entries of a filter as JSON Lines, in the order of the chain. */
export function ExportButton({ filter }: { filter: AuditSearch }) {
  const { workspaceId } = useHere().place;
  const download = useMutation({
    mutationFn: async () => {
      // The file always contains both the start and the end of a change.
      const { kind: _, ...query } = filter;
      const wanted = { workspaceId, path: '/audit-log/export', query };
      saveFile((await downloadLines(wanted)).file, 'audit-log.jsonl');
    },
  });
  return (
    <Stack gap="xs">
      <Button variant="default" onClick={() => download.mutate()} loading={download.isPending}>
        Export
      </Button>
      {download.isError ? <Problem error={download.error} /> : undefined}
    </Stack>
  );
}

import { Button, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ApiError } from '../api/api-error.ts';
import { useHere } from '../api/session.ts';
import { Problem } from '../parts/answers.tsx';
import type { AuditFilter } from './audit-filter.ts';

/** Saves the entries of a filter as JSON Lines, in the order of the chain. */
export function ExportButton({ filter }: { filter: AuditFilter }) {
  const { workspaceId } = useHere().place;
  const download = useMutation({
    mutationFn: async () => save(new Blob(await fetchParts(workspaceId, filter), { type: 'application/x-ndjson' })),
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

/** They are lines and not an answer in JSON, and each part says in a header after which number the next begins. */
async function fetchParts(workspaceId: string, { kind: _, ...filter }: AuditFilter): Promise<string[]> {
  const parts: string[] = [];
  let after: string | null = '0';
  while (after !== null) {
    const search = new URLSearchParams({ ...filter, after });
    const response: Response = await fetch(`/api/v1/audit-log/export?${search}`, {
      headers: { 'x-workspace': workspaceId },
    }).catch(() => {
      throw new ApiError(0, { code: 'no_answer', message: 'The platform does not answer. Check the connection.' });
    });
    const text = await response.text();
    if (!response.ok) throw toApiError(response.status, text);
    parts.push(text);
    after = response.headers.get('x-next');
  }
  return parts;
}

function toApiError(status: number, text: string): ApiError {
  const unreadable = { code: 'unreadable', message: `The platform answered ${status}. Try again in a moment.` };
  try {
    return new ApiError(status, JSON.parse(text).error ?? unreadable);
  } catch {
    return new ApiError(status, unreadable);
  }
}

function save(lines: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(lines);
  link.download = 'audit-log.jsonl';
  link.click();
  URL.revokeObjectURL(link.href);
}

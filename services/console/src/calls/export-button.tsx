import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { toSentences } from '../api/api-error.ts';
import { useHere } from '../api/session.ts';
import { toFilter, toTimes, useCallSearch } from './call-search.ts';
import { exportCalls } from './export-calls.ts';

/** What the filters find, oldest first, as a file. */
export function ExportButton() {
  const { values } = useCallSearch();
  const { workspaceId } = useHere().place;
  const download = useMutation({
    mutationFn: () => exportCalls(workspaceId, { ...toFilter(values), ...toTimes(values) }),
    onSuccess: ({ file, isWhole }) => {
      save(file, 'calls.jsonl');
      if (isWhole) return;
      notifications.show({
        title: 'These are not all calls',
        message: 'The file has the oldest 50,000. Choose less time.',
      });
    },
    onError: (error) =>
      notifications.show({
        color: 'red',
        title: 'The calls could not be exported',
        message: toSentences(error).join(' '),
      }),
  });
  return (
    <Button variant="default" loading={download.isPending} onClick={() => download.mutate()}>
      Export as JSON Lines
    </Button>
  );
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  Object.assign(link, { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { toSentences } from '../api/api-error.ts';
import { downloadLines, saveFile } from '../api/download.ts';
import { useHere } from '../api/session.ts';
import { toFilter, toTimes, useCallSearch } from './call-search.ts';

/** Each part has 5,000 calls. */
const PARTS_MAX = 10;

/** Saves the calls that match the filters as a file, oldest first. */
export function ExportButton() {
  const { values } = useCallSearch();
  const { workspaceId } = useHere().place;
  const download = useMutation({
    mutationFn: () => {
      const query = { ...toFilter(values), ...toTimes(values) };
      return downloadLines({ workspaceId, path: '/calls/export', query, partsMax: PARTS_MAX });
    },
    onSuccess: ({ file, isWhole }) => {
      saveFile(file, 'calls.jsonl');
      if (isWhole) return;
      notifications.show({
        title: 'The export is incomplete',
        message: 'The file has only the oldest 50,000 calls. Choose a shorter period.',
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

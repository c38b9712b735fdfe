import { Text, Tooltip } from '@mantine/core';

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const brief = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' });

/** A time of the API in the local format, or `never` if there is no time. */
export function Time({ at, never = '–' }: { at: string | null | undefined; never?: string }) {
  if (at === null || at === undefined) return <>{never}</>;
  const date = new Date(at);
  return (
    <Tooltip label={exact.format(date)}>
      <Text component="time" dateTime={at} size="sm" style={{ whiteSpace: 'nowrap' }}>
        {brief.format(date)}
      </Text>
    </Tooltip>
  );
}

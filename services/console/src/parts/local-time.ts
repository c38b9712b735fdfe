/** Converts a time of the API to the format of a `datetime-local` field. Empty if there is no time. */
export function toLocal(at: string | undefined): string {
  const date = new Date(at ?? '');
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

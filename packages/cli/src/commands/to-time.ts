import { InvalidArgumentError } from 'commander';

const MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads an option: `90s`, `15m`, `2h` or `7d` ago, or a time in ISO 8601. */
export function toTime(text: string, now = Date.now()): string {
  const { count, unit } = /^(?<count>\d{1,4})(?<unit>[smhd])$/.exec(text)?.groups ?? {};
  if (count !== undefined) return new Date(now - Number(count) * MS[unit as keyof typeof MS]).toISOString();
  const time = new Date(/^\d{4}-\d\d-\d\d/.test(text) ? text : '');
  if (Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('It must be a time such as 2026-11-20T08:00:00Z, or 90s, 15m, 2h, 7d.');
  }
  return time.toISOString();
}

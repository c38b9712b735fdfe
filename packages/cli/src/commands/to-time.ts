import { CliError } from '../cli-error.ts';

const MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `2h` or `7d` ago, or a time that is written out, as the API takes it. Throws `CliError`. */
export function toTime(text: string, now = Date.now()): string {
  const { count, unit } = /^(?<count>\d{1,6})(?<unit>[smhd])$/.exec(text)?.groups ?? {};
  if (count !== undefined) return new Date(now - Number(count) * MS[unit as keyof typeof MS]).toISOString();
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new CliError(`"${text}" is no time: 2026-11-20T08:00:00Z, or 90s, 15m, 2h, 7d`);
  return time.toISOString();
}

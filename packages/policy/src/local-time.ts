/** The clocks of a time zone, without the work of a formatter at each read. */
export type LocalTime = {
  /** `day` is 0 on Sundays; `minute` is the minute of the day. */
  read: (at: number) => { day: number; minute: number };
  /**
   * The next moment at which the clocks show one of these minutes of a day; an earlier one if the clocks are changed
   * before.
   */
  nextOf: (minutes: readonly number[], at: number) => number;
};

export const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
/** Clocks are changed at a quarter of an hour, if at all. */
const SLOT_MS = 15 * MINUTE_MS;
/** 1 January 1970 was a Thursday. */
const FIRST_DAY = 4;

/** Undefined if there is no such time zone. */
export function createLocalTime(timezone: string): LocalTime | undefined {
  const offsetAt = createOffset(timezone);
  if (offsetAt === undefined) return undefined;
  return {
    read: (at) => {
      const local = at + offsetAt(at);
      return {
        day: modulo(Math.floor(local / DAY_MS) + FIRST_DAY, 7),
        minute: Math.floor(modulo(local, DAY_MS) / MINUTE_MS),
      };
    },
    nextOf: (minutes, at) => {
      const offset = offsetAt(at);
      const waits = minutes.map((minute) => modulo(minute * MINUTE_MS - at - offset, DAY_MS) || DAY_MS);
      const next = at + Math.min(...waits);
      if (offsetAt(next) === offset) return next;
      // The clocks are changed before that moment.
      let slot = Math.floor(at / SLOT_MS) * SLOT_MS + SLOT_MS;
      while (slot < next && offsetAt(slot) === offset) slot += SLOT_MS;
      return Math.min(slot, next);
    },
  };
}

/** How far the clocks are ahead of UTC, in milliseconds. Determined again for each quarter of an hour. */
function createOffset(timezone: string): ((at: number) => number) | undefined {
  const format = createFormat(timezone);
  if (format === undefined) return undefined;
  let known = { slot: Number.NaN, offset: 0 };
  return (at) => {
    const slot = Math.floor(at / SLOT_MS);
    if (known.slot !== slot) known = { slot, offset: readOffset(format, slot * SLOT_MS) };
    return known.offset;
  };
}

function createFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
}

/** The offset is written as `GMT+05:30`, and as `GMT` if it is zero. */
function readOffset(format: Intl.DateTimeFormat, at: number): number {
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign = '', hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
  const size = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  return sign === '-' ? -size : size;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

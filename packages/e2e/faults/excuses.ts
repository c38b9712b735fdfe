/* What was done to processes, as far as it explains what a client saw. Everything else is held against the platform. */
import type { Injection, Journals, ProcessEvent } from './journal.ts';

/** Rows that a killed edge had not written yet (a second) are lost, as the reference says. */
const UNWRITTEN_ROWS_MS = 2_000;
/**
 * An edge writes its rows once a second, and the control plane takes them once a second: two seconds where both have a
 * processor, and as much again for writing to PostgreSQL. What the control plane waited for a processor comes on top.
 */
const UNREAD_ROWS_MS = 4_000;

type Span = { from: number; to: number };

export type Excuses = ReturnType<typeof createExcuses>;

export function createExcuses({ processEvents, injections }: Pick<Journals, 'processEvents' | 'injections'>) {
  const of = (process: string, kinds: readonly ProcessEvent['what'][]) =>
    processEvents.filter((event) => event.process === process && kinds.includes(event.what));
  const emptied = of('Redis', ['emptied']);
  const rowsStuck = ['control plane', 'PostgreSQL'].flatMap((name) => of(name, ['frozen', 'killed', 'stopped']));

  return {
    /** Its freezes within the span. */
    freezes: (process: string, span: Span): readonly Span[] =>
      of(process, ['frozen']).filter((event) => overlaps(event, span)),
    /** Connections to it broke within the span. */
    wasDown: (process: string, span: Span): boolean =>
      of(process, ['killed', 'stopped']).some((event) => overlaps(event, span)),
    /** How often Redis lost everything within the span. */
    timesEmptied: (span: Span): number => emptied.filter((event) => overlaps(event, span)).length,
    /** When the last injection that overlaps the span had ended. */
    disturbedUntil: (span: Span): number | undefined => latest(injections.filter((each) => overlaps(each, span))),
    /** By how much requests of this time may have been held back on their way. */
    upstreamDelayMs: (span: Span): number =>
      injections
        .filter((each) => overlaps({ from: each.from, to: each.to + each.upstreamDelayMs }, span))
        .reduce((max, { upstreamDelayMs }) => Math.max(max, upstreamDelayMs), 0),
    /** The row of a call that ended then may be lost, as the reference says. */
    mayLackRow: ({ edge, from, to, isTask }: Span & { edge: string; isTask: boolean }): boolean => {
      // The end of a task whose edge is gone before it is noted by nobody.
      const kinds: ProcessEvent['what'][] = isTask ? ['killed', 'stopped'] : ['killed'];
      const since = isTask ? from : to - 100;
      if (of(edge, kinds).some((event) => event.from >= since && event.from <= to + UNWRITTEN_ROWS_MS)) return true;
      return emptied.some((event) => {
        const lagMs = injections
          .filter((each) => overlaps(each, event))
          .reduce((max, { rowsLagMs }) => Math.max(max, rowsLagMs), 0);
        const unreadMs = UNREAD_ROWS_MS + lagMs;
        const unread = { from: event.from - unreadMs, to: event.from };
        const stuck = rowsStuck.filter((each) => overlaps({ from: each.from, to: each.to + unreadMs }, unread));
        const lostSince = stuck.reduce((min, each) => Math.min(min, each.from - unreadMs), unread.from);
        return to >= lostSince && to <= event.to + 500;
      });
    },
  };
}

function overlaps(one: Span, other: Span): boolean {
  return one.from <= other.to && one.to >= other.from;
}

export function latest(spans: readonly Span[]): number | undefined {
  return spans.length === 0 ? undefined : Math.max(...spans.map(({ to }) => to));
}

/** Of two, the later one: what it left behind is what is seen. */
export function findInjection(injections: readonly Injection[], span: Span): Injection | undefined {
  return injections.findLast(({ from, to }) => overlaps({ from, to: to + AFTERMATH_MS }, span));
}

/** What happens soon after a fault is counted with it. */
const AFTERMATH_MS = 5_000;

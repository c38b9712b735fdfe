/* What was done to processes, as far as it explains what a client saw. Everything else counts against the platform. */
import type { FaultInjection, Journals, ProcessEvent } from './journal.ts';

/** Rows that a killed edge had not written yet (those of one second) are lost, as the reference says. */
const UNWRITTEN_ROWS_MS = 2_000;
/**
 * An edge writes its rows once a second, and the control plane reads them once a second: two seconds if both have a
 * processor, and the same again for writing to PostgreSQL. The time for which the control plane waited for a processor
 * is added.
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
    /** The freezes of the process within the span. */
    freezes: (process: string, span: Span): readonly Span[] =>
      of(process, ['frozen']).filter((event) => overlaps(event, span)),
    /** Whether connections to the process broke within the span. */
    wasDown: (process: string, span: Span): boolean =>
      of(process, ['killed', 'stopped']).some((event) => overlaps(event, span)),
    /** How often Redis lost all data within the span. */
    timesEmptied: (span: Span): number => emptied.filter((event) => overlaps(event, span)).length,
    /** The time at which the last injection that overlaps the span had ended. */
    disturbedUntil: (span: Span): number | undefined => latest(injections.filter((each) => overlaps(each, span))),
    /** How long requests of this span may have been delayed on their way. */
    upstreamDelayMs: (span: Span): number =>
      injections
        .filter((each) => overlaps({ from: each.from, to: each.to + each.upstreamDelayMs }, span))
        .reduce((max, { upstreamDelayMs }) => Math.max(max, upstreamDelayMs), 0),
    /** Whether the row of a call that ended in this span may be lost, as the reference says. */
    mayLackRow: ({ edge, from, to, isTask }: Span & { edge: string; isTask: boolean }): boolean => {
      // If the edge of a task ends before the task does, nobody records the end of the task.
      const kinds: ProcessEvent['what'][] = isTask ? ['killed', 'stopped'] : ['killed'];
      const since = isTask ? from : to - 100;
      if (of(edge, kinds).some((event) => event.from >= since && event.from <= to + UNWRITTEN_ROWS_MS)) return true;
      // An edge that stops while Redis is unavailable cannot write the rows that it has kept meanwhile, nor those of the
      // second before.
      const isCutOff = of(edge, ['stopped']).some((event) =>
        injections.some(
          (each) =>
            overlaps(each, event) &&
            overlaps({ from: each.from - UNWRITTEN_ROWS_MS, to: each.to + UNWRITTEN_ROWS_MS }, { from: to, to }) &&
            each.faults.some((name) => name.startsWith('Redis') || name.startsWith('link edge to Redis')),
        ),
      );
      if (isCutOff) return true;
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

/** The injection that overlaps the span; if two do, the later one, because its effects are the ones that are seen. */
export function findInjection(injections: readonly FaultInjection[], span: Span): FaultInjection | undefined {
  return injections.findLast(({ from, to }) => overlaps({ from, to: to + AFTERMATH_MS }, span));
}

/** Events this soon after a fault are attributed to it. */
const AFTERMATH_MS = 5_000;

import type { Logger } from './logger.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

export type EventOptions = {
  /**
   * Distinguishes events in addition to their text and the kind of their error. Always a fixed word of ours, never a
   * caller's.
   */
  kind?: string | undefined;
  /** The maximum number of lines of one kind in ten seconds. */
  linesMax?: number;
};

const WINDOW_MS = 10_000;
const LINES_MAX = 20;
/** Kinds are fixed words, so there are few. If there are more nevertheless, those of one text share a window. */
const KINDS_MAX = 500;

type Window = { written: number; repeated: number };

const windowsOf = new WeakMap<Logger, Map<string, Window>>();

/**
 * Writes one line per business event. Of a flood of equal events, only the first lines are written and then, every ten
 * seconds, one line that says how many more there were (`repeated`).
 */
export function logEvent(
  logger: Logger,
  level: Level,
  text: string,
  fields: Record<string, unknown> = {},
  { kind, linesMax = LINES_MAX }: EventOptions = {},
): void {
  if (!logger.isLevelEnabled(level)) return;
  const window = openWindow(logger, level, { text, kind: [text, kind, errorKind(fields['err'])].join('|') });
  if (window.written < linesMax) {
    window.written += 1;
    logger[level](fields, text);
  } else window.repeated += 1;
}

function openWindow(logger: Logger, level: Level, { text, kind }: { text: string; kind: string }): Window {
  const windows = windowsOf.get(logger) ?? new Map<string, Window>();
  windowsOf.set(logger, windows);
  const name = windows.has(kind) || windows.size < KINDS_MAX ? kind : text;
  const known = windows.get(name);
  if (known !== undefined) return known;
  const window: Window = { written: 0, repeated: 0 };
  windows.set(name, window);
  setTimeout(() => {
    windows.delete(name);
    if (window.repeated > 0) logger[level]({ repeated: window.repeated }, text);
  }, WINDOW_MS).unref();
  return window;
}

/** An event with another error than the one that floods the log is still written. */
function errorKind(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}

import type { Logger } from './logger.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

export type EventOptions = {
  /** What identifies an event in addition to its text and the kind of its error; our own word, never a caller's. */
  kind?: string | undefined;
  /** Lines of one kind in ten seconds. */
  linesMax?: number;
};

const WINDOW_MS = 10_000;
const LINES_MAX = 20;
/** Kinds are words of ours; should there be more nevertheless, they share one window. */
const KINDS_MAX = 500;

type Window = { written: number; repeated: number };

const windowsOf = new WeakMap<Logger, Map<string, Window>>();

/**
 * One line per business event. A flood of the same one is its first lines and then, every ten seconds, one that says
 * how many more there were (`repeated`).
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

/** Another error than the one that floods is written. */
function errorKind(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}

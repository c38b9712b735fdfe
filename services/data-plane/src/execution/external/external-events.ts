import { type JsonObject, logLevels } from '@toolplane/contracts';
import { cleanText } from '../../external-mcp/clean-text.ts';
import type { ExternalRequest, LogMessage } from '../../external-mcp/external-request.ts';
import { type Run, redactorOf } from '../run.ts';

const MESSAGE_LENGTH_MAX = 256;
const LOG_BYTES_MAX = 8 * 1024;
/** More events than anybody can read; the rest of a flood is dropped. */
const BURST_MAX = 50;
const PER_SECOND = 20;

/** Passes events that the server reports while it works to the caller, if the caller asked for them. */
export function createExternalEvents(run: Run): Pick<ExternalRequest, 'onProgress' | 'log'> {
  const { events, notify } = run.call;
  if (events === undefined) return {};
  const { progress: wantsProgress, logLevel } = events;
  const mayReport = createRate();
  let last = Number.NEGATIVE_INFINITY;

  return {
    onProgress: wantsProgress
      ? ({ progress, total, message }) => {
          // MCP requires that each value is greater than the previous one.
          if (!(progress > last) || !Number.isFinite(progress) || !mayReport()) return;
          last = progress;
          notify({
            kind: 'progress',
            progress,
            ...(total === undefined || !Number.isFinite(total) ? {} : { total }),
            ...(message === undefined ? {} : { message: toLine(message) }),
          });
        }
      : undefined,
    log:
      logLevel === undefined
        ? undefined
        : {
            level: logLevel,
            onMessage(message) {
              if (logLevels.indexOf(message.level) < logLevels.indexOf(logLevel) || !mayReport()) return;
              notify({ kind: 'log', level: message.level, data: toData(message) });
            },
          },
  };

  /** The text is masked before it is cut, because a part of a secret would not be recognised. */
  function toLine(text: string): string {
    const { text: line } = cleanText(text, { lengthMax: LOG_BYTES_MAX, isOneLine: true });
    return cleanText(redactorOf(run).redactText(line), { lengthMax: MESSAGE_LENGTH_MAX }).text;
  }

  function toData({ logger, data }: LogMessage): JsonObject {
    const named = logger === undefined ? {} : { logger: toLine(logger) };
    const text = JSON.stringify(data ?? null);
    if (text.length > LOG_BYTES_MAX) return { ...named, data: 'Too large to show' };
    return { ...named, data: redactorOf(run).redact(JSON.parse(text)) };
  }
}

function createRate(): () => boolean {
  let left = BURST_MAX;
  let at = performance.now();
  return () => {
    const now = performance.now();
    left = Math.min(BURST_MAX, left + ((now - at) / 1000) * PER_SECOND);
    at = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

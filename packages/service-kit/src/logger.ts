import { isNativeError } from 'node:util/types';
import { AppError } from '@toolplane/contracts';
import pino from 'pino';
import { ConfigError, logLevels } from './config.ts';
import { toOneLine } from './one-line.ts';
import { currentRequest } from './request-context.ts';
import { toLogFields } from './trace-context.ts';

export type Logger = pino.Logger;

/**
 * JSON lines on stderr, so that stdout remains free for answers. Only the name, the code and the stack frames of
 * foreign errors are logged, whatever their key, because their messages and fields may quote URLs, headers, commands or
 * bodies.
 */
export function createLogger(
  service: string,
  level = readLevel(process.env.LOG_LEVEL),
  destination: pino.DestinationStream = pino.destination({ dest: 2, sync: false }),
): Logger {
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: toLoggedFields },
      mixin: fieldsOfRequest,
      // Replaces pino's own serializer, which would add to the finished fields.
      serializers: { err: (logged) => logged },
      hooks: { logMethod: withoutMessageOfError },
    },
    destination,
  );
}

/** The logger exists before the settings are read. An invalid level is reported by the settings. */
function readLevel(level: string | undefined): string {
  return logLevels.find((known) => known === level) ?? 'info';
}

/** A line that is written while a request is handled belongs to that request. */
function fieldsOfRequest(): object {
  const context = currentRequest();
  return context === undefined ? {} : { request_id: context.requestId, ...toLogFields(context.span) };
}

/** pino uses the message of an error as the message of a line that has none. */
function withoutMessageOfError(this: Logger, [first, ...others]: Parameters<pino.LogFn>, log: pino.LogFn): void {
  const fields = isError(first) ? { err: first } : first;
  const hasNoText = others.length === 0 && typeof fields === 'object' && fields !== null && 'err' in fields;
  log.apply(this, [fields, ...(hasNoText ? ['failed'] : others)]);
}

function toLoggedFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, toLoggedField(key, value)]));
}

function toLoggedField(key: string, value: unknown): unknown {
  if (isError(value) || key === 'err') return toLoggedError(value);
  return typeof value === 'string' ? toLine(value) : value;
}

/** Also true for an error of another realm. */
function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value);
}

const TEXT_LENGTH_MAX = 2000;

/** A text from outside becomes one short line, so that it cannot imitate a line of the log. */
function toLine(text: string): string {
  const cut = text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
  return toOneLine(cut);
}

/** Names and codes are words of programs. Anything else may be data. */
const WORD = /^[\w.$:-]{1,100}$/;

/** The depth of causes is bounded, because a cause may refer to itself. */
export function toLoggedError(thrown: unknown, depth = 0): Record<string, unknown> {
  if (!isError(thrown)) return { name: typeof thrown };
  const { code } = thrown as { code?: unknown };
  return {
    name: WORD.test(thrown.name) ? thrown.name : 'Error',
    ...(typeof code === 'string' && WORD.test(code) ? { code } : {}),
    // Only an AppError's message is ours; any other may carry what was sent or received.
    ...(thrown instanceof AppError || thrown instanceof ConfigError ? { message: toLine(thrown.message) } : {}),
    frames: stackFrames(thrown),
    ...(thrown.cause !== undefined && depth < 3 ? { cause: toLoggedError(thrown.cause, depth + 1) } : {}),
  };
}

/** Empty if the stack does not contain the message: then it is unknown which of its lines are frames. */
function stackFrames({ stack, message }: Error): string[] {
  if (typeof stack !== 'string' || !stack.includes(message)) return [];
  // A message of several lines could contain a line that looks like a frame.
  const lines = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return lines
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
}

import { isNativeError } from 'node:util/types';
import { AppError } from '@toolplane/contracts';
import pino from 'pino';
import { ConfigError, logLevels } from './config.ts';
import { toOneLine } from './one-line.ts';
import { currentRequest } from './request-context.ts';
import { toLogFields } from './trace-context.ts';

export type Logger = pino.Logger;

/**
 * JSON lines on stderr, so that stdout stays free for answers. Foreign errors are logged as name, code and stack frames
 * only, whatever key they stand under: their messages and fields may quote URLs, headers, commands or bodies.
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
      // In place of pino's own, which adds to what is ready.
      serializers: { err: (logged) => logged },
      hooks: { logMethod: withoutMessageOfError },
    },
    destination,
  );
}

/** The logger exists before the settings are read, which report an invalid level. */
function readLevel(level: string | undefined): string {
  return logLevels.find((known) => known === level) ?? 'info';
}

/** A line that is written while a request is answered belongs to it. */
function fieldsOfRequest(): object {
  const context = currentRequest();
  return context === undefined ? {} : { request_id: context.requestId, ...toLogFields(context.span) };
}

/** pino takes the message of an error for that of the line where the line has none. */
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

/** Also one of another realm. */
function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value);
}

const TEXT_LENGTH_MAX = 2000;

/** A text of somebody else is one short line, so that it cannot pass for a line of the log. */
function toLine(text: string): string {
  const cut = text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
  return toOneLine(cut);
}

/** Names and codes are words of programs; anything else may be data in their place. */
const WORD = /^[\w.$:-]{1,100}$/;

/** Chains of causes are bounded, because a cause may name itself. */
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

/** None where the stack does not begin with the message: then nobody knows which of its lines are frames. */
function stackFrames({ stack, message }: Error): string[] {
  if (typeof stack !== 'string' || !stack.includes(message)) return [];
  // A message of several lines could pass one of them off as a frame.
  const lines = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return lines
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
}

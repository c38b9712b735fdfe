import type { IncomingHttpHeaders } from 'node:http';
import type { HeaderParameter } from '../manifests/header-parameters.ts';
import { McpError, rpcCodes } from '../protocol/mcp-error.ts';
import { decodeHeader } from './mcp-headers.ts';

/**
 * Checks the arguments that a modern client repeats in headers. A gateway may have decided by the header, so a header
 * that contradicts the body is refused, and so is a header for an argument that is not in the body.
 */
export function checkParameterHeaders(
  parameters: readonly HeaderParameter[],
  callArguments: unknown,
  headers: IncomingHttpHeaders,
): void {
  for (const { header, path } of parameters) {
    const argument = path.reduce<unknown>(memberOf, callArguments) ?? undefined;
    // If no header can contain the argument, its schema reports what is wrong.
    if (typeof argument === 'object') continue;
    if (!isSame(headers[header], argument)) {
      const message = `Header mismatch: ${header} and the argument ${path.join('.')} contradict each other`;
      throw new McpError(rpcCodes.headerMismatch, message, { status: 400 });
    }
  }
}

function isSame(header: string | string[] | undefined, argument: unknown): boolean {
  if (header === undefined || argument === undefined) return header === argument;
  const value = typeof header === 'string' ? decodeHeader(header.trim()) : undefined;
  if (value === undefined) return false;
  // 42 and 42.0 are the same number.
  if (typeof argument === 'number' && DECIMAL.test(value)) {
    return Number(value) === argument && significantDigits(value) === significantDigits(String(argument));
  }
  return value === String(argument);
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/**
 * Returns the significant digits of a number. Two numbers that are equal only after rounding have different digits: a
 * gateway may not have rounded them.
 */
function significantDigits(text: string): string {
  return text
    .replace(/e.*$/, '')
    .replaceAll(/[-.]/g, '')
    .replaceAll(/^0+|0+$/g, '');
}

function memberOf(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isObject ? (value as Record<string, unknown>)[name] : undefined;
}

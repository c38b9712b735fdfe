import { type DebugValue, debugLimits, type Json } from '@toolplane/contracts';
import { parseBody } from '../execution/parse-body.ts';
import { isNestedDeeper } from '../external-mcp/nesting.ts';
import type { Mask } from './mask.ts';

const DEPTH_MAX = 200;

/**
 * Masks a value and returns as much of it as may be shown. `bytes` is its size if that differs from the size of its
 * JSON.
 */
export function showValue(value: Json, mask: Mask, bytes = bytesOf(value)): DebugValue {
  if (bytes > debugLimits.bodyBytesReadMax || isNestedDeeper(value, DEPTH_MAX)) return { bytes, is_cut: true };
  const masked = mask.value(value);
  const text = typeof masked === 'string' ? masked : JSON.stringify(masked);
  if (Buffer.byteLength(text) <= debugLimits.bodyBytesMax) return { value: masked, bytes };
  return { value: cut(text), bytes, is_cut: true };
}

/** Shows a body as it was sent or received, with any type and charset. Returns undefined if it is empty. */
export function showBody(
  body: string | Buffer | undefined,
  contentType: string | undefined,
  mask: Mask,
): DebugValue | undefined {
  if (body === undefined || body.length === 0) return undefined;
  const bytes = Buffer.from(body);
  if (bytes.length > debugLimits.bodyBytesReadMax) return { bytes: bytes.length, is_cut: true };
  if (isBinary(bytes, contentType)) return { bytes: bytes.length, is_binary: true };
  try {
    return showValue(parseBody(bytes, contentType) ?? null, mask, bytes.length);
  } catch {
    return { bytes: bytes.length, is_cut: true };
  }
}

const TEXT_TYPE = /^text\/|[/+](?:json|xml|yaml|javascript|x-www-form-urlencoded)\b|charset=/i;

/** Returns whether a body is not UTF-8 text, and does not declare that it is text in another charset. */
function isBinary(bytes: Buffer, contentType = ''): boolean {
  if (bytes.includes(0)) return true;
  return !TEXT_TYPE.test(contentType) && !Buffer.from(bytes.toString()).equals(bytes);
}

/** The text is masked before it is cut, because a part of a secret would not be recognised. */
function cut(text: string): string {
  const { bodyBytesMax } = debugLimits;
  return Buffer.from(text)
    .subarray(0, bodyBytesMax)
    .toString()
    .replace(/\uFFFD$/, '');
}

function bytesOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

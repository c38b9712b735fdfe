import type { Json } from '@toolplane/contracts';
import type { OpenApiEncoding, OperationBody } from './model.ts';

export type MediaType = { contentType: string; schema?: Json; encoding: Record<string, OpenApiEncoding> };

/** The media types that are sent for ranges, unless a more specific type is requested. */
const rangeDefaults: [RegExp, string][] = [
  [/^text\/\*$/, 'text/plain'],
  [/^multipart\/\*$/, 'multipart/form-data'],
  [/^(image|audio|video|font|model)\/\*$/, 'application/octet-stream'],
  [/\*/, 'application/json'],
];

/**
 * Chooses the media type of a body, with its schema: the requested type, otherwise the first declared JSON type,
 * otherwise the first declared type. Returns undefined if no type is requested or declared.
 */
export function chooseMediaType(body: OperationBody | undefined, wanted?: string): MediaType | undefined {
  const declared = body?.content ?? [];
  const chosen = wanted === undefined ? firstOf(declared) : declarationOf(wanted, declared);
  const contentType = wanted ?? chosen?.[0];
  if (contentType === undefined) return undefined;
  return { encoding: {}, ...chosen?.[1], contentType: withoutRange(contentType) };
}

function firstOf(declared: OperationBody['content']): OperationBody['content'][number] | undefined {
  return declared.find(([mediaType]) => isJson(withoutRange(mediaType))) ?? declared[0];
}

/** Prefers the exact type to ranges that cover it, and a narrow range to a wide one. */
function declarationOf(
  wanted: string,
  declared: OperationBody['content'],
): OperationBody['content'][number] | undefined {
  const type = withoutRange(wanted);
  const fitting = declared.filter(([mediaType]) => covers(essence(mediaType), essence(type)));
  return fitting.toSorted(([left], [right]) => rangeWidth(left) - rangeWidth(right))[0];
}

function covers(range: string, type: string): boolean {
  if (range === type || range === '*/*' || range === '*') return true;
  const [start = '', end = '', ...more] = range.split('*');
  return range.includes('*') && more.length === 0 && type.startsWith(start) && type.endsWith(end);
}

function rangeWidth(mediaType: string): number {
  const stars = essence(mediaType).split('*').length - 1;
  return stars === 0 ? 0 : stars * 100 - essence(mediaType).length;
}

function isJson(mediaType: string): boolean {
  return /^[^/]+\/(.+\+)?json$/.test(essence(mediaType));
}

function withoutRange(mediaType: string): string {
  const found = rangeDefaults.find(([range]) => range.test(essence(mediaType)));
  return found === undefined ? mediaType : found[1];
}

/** Returns the media type without parameters, such as the character set. */
function essence(mediaType: string): string {
  return (mediaType.split(';')[0] ?? '').trim().toLowerCase();
}

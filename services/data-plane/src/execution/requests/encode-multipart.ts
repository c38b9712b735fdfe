import { randomUUID } from 'node:crypto';
import { AppError, HTTP_TOKEN_CHARACTER, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { type Budget, toText } from '@toolplane/expressions';
import { decodeBase64 } from './decode-base64.ts';
import { encodingOf, type FieldEncoding, type FieldEncodings } from './encode-form.ts';
import { isJsonType, toJsonText } from './json-text.ts';
import { quoteEncode } from './percent-encode.ts';
import { spendOn } from './spend-on.ts';

/** `data` is encoded in base64. */
type FileValue = { data: string; filename: string; contentType?: string };

type Part = { filename?: string; contentType: string | undefined; content: Buffer };

const LINE_BREAK = Buffer.from('\r\n');

/**
 * Encodes fields by RFC 7578. A list has one part for each of its items, unless its encoding is JSON; an object is
 * JSON, or a file if it has exactly the members of a file; null is left out.
 */
export function encodeMultipart(
  fields: JsonObject,
  encodings: FieldEncodings | undefined,
  mediaType: string,
  budget: Budget,
): { body: Buffer; contentType: string } {
  // Nobody can guess the boundary, so no value can end its part.
  const boundary = `toolplane-${randomUUID()}`;
  const chunks: Buffer[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const encoding = encodingOf(encodings, name);
    for (const item of Array.isArray(value) && !isJsonType(encoding.contentType) ? value : [value]) {
      if (item === null) continue;
      const part = toPart(name, item, encoding, budget);
      chunks.push(Buffer.from(spendOn(headOf(boundary, name, part), budget)), part.content, LINE_BREAK);
    }
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  const kind = mediaType.replace(/;\s*boundary=(?:"[^"]*"|[^;]*)/i, '').trim();
  return { body: Buffer.concat(chunks), contentType: `${kind}; boundary=${boundary}` };
}

function toPart(name: string, value: Json, { contentType }: FieldEncoding, budget: Budget): Part {
  if (isFile(value)) {
    const { data, filename } = value;
    const content = decodeBase64(spendOn(data, budget), `The file ${name}`);
    return {
      filename,
      content,
      contentType: value.contentType ?? concreteType(contentType) ?? 'application/octet-stream',
    };
  }
  const declared = concreteType(contentType);
  const isJson = declared === undefined ? typeof value === 'object' : isJsonType(declared);
  const text = spendOn(isJson ? toJsonText(value, budget) : toText(value, budget), budget);
  return { content: Buffer.from(text), contentType: declared ?? (isJson ? 'application/json' : undefined) };
}

/** An encoding may list types and ranges of types; returns the first type that is not a range. */
function concreteType(contentType: string | undefined): string | undefined {
  return contentType
    ?.split(',')
    .map((type) => type.trim())
    .find((type) => !type.includes('*'));
}

function headOf(boundary: string, name: string, { filename, contentType }: Part): string {
  const lines = [`--${boundary}`, `Content-Disposition: form-data; name="${quoteEncode(name)}"`];
  if (filename !== undefined) lines[1] += `; filename="${quoteEncode(filename)}"`;
  if (contentType !== undefined) lines.push(`Content-Type: ${checkType(contentType, name)}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const MEDIA_TYPE = new RegExp(String.raw`^${HTTP_TOKEN_CHARACTER}+/${HTTP_TOKEN_CHARACTER}+(?:\s*;[\t\x20-\x7e]*)?$`);

function checkType(contentType: string, name: string): string {
  if (MEDIA_TYPE.test(contentType)) return contentType;
  throw new AppError('invalid_upstream_request', `The content type of the part ${name} is not valid`);
}

function isFile(value: Json): value is FileValue {
  if (!isJsonObject(value)) return false;
  const { data, filename, contentType = '', ...others } = value;
  return [data, filename, contentType].every((it) => typeof it === 'string') && Object.keys(others).length === 0;
}

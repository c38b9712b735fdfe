import { AppError, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { type Budget, toText } from '@toolplane/expressions';
import { decodeBase64 } from './decode-base64.ts';
import { encodeForm } from './encode-form.ts';
import { encodeMultipart } from './encode-multipart.ts';
import { toJsonText } from './json-text.ts';
import type { PreparedRequest } from './prepare-request.ts';
import { spendOn } from './spend-on.ts';

/** `contentType` is the value of the header. */
export type EncodedBody = { body: string | Buffer | undefined; contentType: string | undefined };

const FORM = 'application/x-www-form-urlencoded';

/**
 * `declaredType` is the type that the request declares for its body; without it, the type depends on how the body is
 * encoded.
 */
export function encodeBody(
  { bodyType, fields }: Pick<PreparedRequest, 'bodyType' | 'fields'>,
  value: Json | undefined,
  declaredType: string | undefined,
  budget: Budget,
): EncodedBody {
  if (value === undefined || (value === null && bodyType !== 'json')) {
    // The type of an operation's body is left out with the body; a header that the author wrote is sent as it is.
    return { body: undefined, contentType: bodyType === undefined ? declaredType : undefined };
  }
  switch (bodyType) {
    case undefined:
      return encodeByType(value, declaredType, budget);
    case 'json':
      return { body: toJsonText(value, budget), contentType: declaredType ?? 'application/json' };
    case 'form': {
      const body = typeof value === 'string' ? value : encodeForm(fieldsOf(value), fields, budget);
      return { body, contentType: declaredType ?? FORM };
    }
    case 'multipart': {
      const mediaType = /^multipart\//i.test(declaredType ?? '') ? declaredType : undefined;
      return encodeMultipart(fieldsOf(value), fields, mediaType ?? 'multipart/form-data', budget);
    }
    case 'text':
      // There is no standard for writing JSON as XML.
      if (typeof value === 'object' && isXml(declaredType)) throw notThat('XML text');
      return { body: spendOn(toText(value, budget), budget), contentType: declaredType ?? 'text/plain; charset=utf-8' };
    case 'base64':
      if (typeof value !== 'string') throw notThat('text in base64');
      return {
        body: decodeBase64(spendOn(value, budget), 'The body of the request'),
        contentType: declaredType ?? 'application/octet-stream',
      };
  }
}

/** A text stays as it is, an object becomes a form if the header says so, and everything else becomes JSON. */
function encodeByType(value: Json, declaredType: string | undefined, budget: Budget): EncodedBody {
  if (typeof value === 'string') return { body: value, contentType: declaredType };
  const isForm = declaredType?.toLowerCase().startsWith(FORM) === true;
  if (isForm && isJsonObject(value)) {
    return { body: encodeForm(withEmptyTexts(value), undefined, budget), contentType: declaredType };
  }
  return { body: toText(value, budget), contentType: declaredType ?? 'application/json' };
}

/** In these forms, null is an empty field. */
function withEmptyTexts(fields: JsonObject): JsonObject {
  const entries = Object.entries(fields);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().map((item) => item ?? '')]));
}

function isXml(contentType = ''): boolean {
  return /[/+]xml\b/i.test(contentType);
}

function fieldsOf(value: Json): JsonObject {
  if (isJsonObject(value)) return value;
  throw notThat('an object of fields');
}

function notThat(what: string): AppError {
  return new AppError('invalid_upstream_request', `The body of the request is not ${what}, as its type requires`);
}

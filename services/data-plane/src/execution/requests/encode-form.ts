import type { Json, JsonObject, PlanRequest } from '@toolplane/contracts';
import { type Budget, toText } from '@toolplane/expressions';
import { formEncode } from '../../egress/form-encode.ts';
import { expandValue, type Writer } from './expand-value.ts';
import { isJsonType, toJsonText } from './json-text.ts';
import { percentEncode, reservedEncoders } from './percent-encode.ts';
import { spendOn } from './spend-on.ts';

export type FieldEncodings = NonNullable<PlanRequest['fields']>;
export type FieldEncoding = FieldEncodings[string];

/**
 * A list repeats its field, objects are written as JSON, and null is left out, unless an encoding defines how a field
 * is written.
 */
export function encodeForm(fields: JsonObject, encodings: FieldEncodings | undefined, budget: Budget): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (value === null ? [] : encodeField(name, value, encodingOf(encodings, name), budget)))
    .join('&');
}

export function encodingOf(encodings: FieldEncodings | undefined, name: string): FieldEncoding {
  return (encodings !== undefined && Object.hasOwn(encodings, name) ? encodings[name] : undefined) ?? {};
}

function encodeField(name: string, value: Json, encoding: FieldEncoding, budget: Budget): string[] {
  const { style = 'form', explode = style === 'form', allowReserved, contentType } = encoding;
  const isStyled = [encoding.style, encoding.explode, allowReserved].some((it) => it !== undefined);
  if (isStyled) {
    const encode = allowReserved ? reservedEncoders.query : percentEncode;
    const writer: Writer = {
      name: (text) => percentEncode(spendOn(text, budget)),
      value: (item) => encode(spendOn(toText(item, budget), budget)),
    };
    return expandValue({ name, style, explode }, value, writer);
  }
  const pair = (text: string) => `${formEncode(spendOn(name, budget))}=${formEncode(spendOn(text, budget))}`;
  if (isJsonType(contentType)) return [pair(toJsonText(value, budget))];
  return [value]
    .flat()
    .filter((item) => item !== null)
    .map((item) => pair(toText(item, budget)));
}

import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import { type Budget, type Scope, toText } from '@toolplane/expressions';
import { encodeForm } from './encode-form.ts';
import { expandValue, type Writer } from './expand-value.ts';
import { isJsonType, toJsonText } from './json-text.ts';
import { percentEncode, reservedEncoders } from './percent-encode.ts';
import type { PreparedParameter } from './prepare-request.ts';
import { spendOn } from './spend-on.ts';

/** The encoded parameters, by position. */
export type Placed = {
  /** The keys are the names of the parameters. */
  path: Record<string, string>;
  /** The parts of the URL's query, which are joined later. */
  query: string[];
  headers: Record<string, string>;
};

/** Returns the values in the order of the parameters; null for a parameter that is left out. */
export function evaluateParameters(parameters: readonly PreparedParameter[], scope: Scope, budget: Budget): Json[] {
  return parameters.map((parameter) => {
    const value = parameter.value(scope, budget) ?? null;
    if (value !== null || parameter.required === undefined) return value;
    const message = `The ${parameter.in} parameter ${parameter.name} is required and has no value`;
    throw new AppError('invalid_upstream_request', message);
  });
}

export function placeParameters(
  parameters: readonly PreparedParameter[],
  values: readonly Json[],
  budget: Budget,
): Placed {
  if (parameters.length === 0) return NOTHING;
  const path: [string, string][] = [];
  const query: string[] = [];
  const headers: [string, string][] = [];
  const cookies: string[] = [];
  for (const [index, parameter] of parameters.entries()) {
    const value = values[index] ?? null;
    if (value === null) continue;
    const pieces = writePieces(parameter, value, budget);
    if (pieces.length === 0) continue;
    if (parameter.in === 'path') path.push([parameter.name, joinPath(parameter, pieces)]);
    else if (parameter.in === 'header') headers.push([parameter.name.toLowerCase(), pieces.join(',')]);
    else if (parameter.in === 'cookie') cookies.push(...pieces);
    else query.push(...pieces);
  }
  if (headers.some(([name]) => name === 'cookie')) throw cookieRefused();
  if (cookies.length > 0) headers.push(['cookie', cookies.join('; ')]);
  return { path: Object.fromEntries(path), query, headers: Object.fromEntries(headers) };
}

/** Most requests have no parameters and share this object, so it must not be changed. */
const NOTHING: Placed = { path: {}, query: [], headers: {} };

/** A value in a cookie header that is set as a whole could add a cookie. */
export function cookieRefused(): AppError {
  return new AppError('invalid_upstream_request', 'The header cookie may not be set; use a cookie parameter');
}

function writePieces(parameter: PreparedParameter, value: Json, budget: Budget): string[] {
  if (parameter.in === 'querystring') return [writeQuery(parameter, value, budget)];
  const encode = encoderOf(parameter);
  const writer: Writer = {
    name: (text) => (parameter.in === 'header' ? spendOn(text, budget) : percentEncode(spendOn(text, budget))),
    value: (item) => encode(spendOn(toText(item, budget), budget)),
  };
  if (parameter.contentType === undefined) return expandValue(parameter, value, writer);
  const text = isJsonType(parameter.contentType) ? toJsonText(value, budget) : toText(value, budget);
  return expandValue({ ...parameter, explode: false }, text, writer);
}

/** Writes the whole query of a URL. */
function writeQuery({ contentType }: PreparedParameter, value: Json, budget: Budget): string {
  if (isJsonType(contentType)) return percentEncode(spendOn(toJsonText(value, budget), budget));
  const isFields = typeof value === 'object' && !Array.isArray(value);
  if (isFields) return encodeForm(value as JsonObject, undefined, budget);
  return reservedEncoders.querystring(spendOn(toText(value, budget), budget));
}

function encoderOf({ in: location, allowReserved, isCredential }: PreparedParameter): (text: string) => string {
  // The characters of a header are checked when it is sent.
  if (location === 'header') return (text) => text;
  if (location === 'cookie' && (isCredential || allowReserved)) return reservedEncoders.cookie;
  if (location === 'path') return encodePath(allowReserved ? reservedEncoders.path : percentEncode);
  return location === 'query' && allowReserved ? reservedEncoders.query : percentEncode;
}

function encodePath(encode: (text: string) => string): (text: string) => string {
  return (text) => {
    if (text.isWellFormed() && !/\p{Cc}/u.test(text)) return encode(text);
    const message = 'A value for the path of the URL has control characters or is not valid Unicode';
    throw new AppError('invalid_upstream_request', message);
  };
}

function joinPath({ style }: PreparedParameter, pieces: string[]): string {
  if (style === 'label') return `.${pieces.join('.')}`;
  return style === 'matrix' ? `;${pieces.join(';')}` : pieces.join(',');
}

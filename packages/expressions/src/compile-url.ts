import assert from 'node:assert';
import type { UrlTemplate } from '@toolplane/contracts';
import { type Budget, spendUnits } from './budget.ts';
import { ExpressionError } from './expression-error.ts';
import { compileLookup } from './lookup.ts';
import type { Scope } from './scope.ts';
import { toText } from './to-text.ts';
import { findDotSegment } from './url-path.ts';

type OperationPart = Extract<UrlTemplate, { kind: 'operation' }>['parts'][number];
type Part = Extract<UrlTemplate, { kind: 'parts' }>['parts'][number];

/**
 * `parameters` contains the path parameters of an operation by name, serialized by their styles and percent-encoded.
 */
export type EvaluateUrl = (scope: Scope, budget: Budget, parameters?: Readonly<Record<string, string>>) => string;

/** The returned function throws `ExpressionError` if a value would change the structure of the URL. */
export function compileUrl(url: UrlTemplate): EvaluateUrl {
  if (url.kind === 'whole') return compileWhole(url.path);
  if (url.kind === 'operation') return compileOperation(url.parts);
  const parts = url.parts.map(compilePart);
  return (scope, budget) => {
    let built = '';
    for (const part of parts) built += typeof part === 'string' ? part : part(scope, budget);
    return checkSegments(built);
  };
}

/** Checks the built path and not each value: `.` beside `.` makes a segment that goes up one level. */
function checkSegments(built: string): string {
  if (findDotSegment(built)) throw refused('A value creates a segment "." or ".." in the path of the URL');
  return built;
}

function compileWhole(path: string[]): EvaluateUrl {
  const find = compileLookup(path);
  return (scope, budget) => {
    const value = find(scope);
    if (typeof value !== 'string' || value === '') throw refused('The value for the URL is missing or is not text');
    spendUnits(budget, value.length);
    return value;
  };
}

function compileOperation(parts: OperationPart[]): EvaluateUrl {
  const first = parts.findIndex((part) => typeof part === 'object');
  const base = parts.slice(0, first).join('');
  assert(first < 0 || /^https?:\/\/[^/?#]+\//i.test(base), 'the host of an operation is literal text');
  return (_scope, budget, parameters = {}) => {
    let built = '';
    for (const part of parts) built += typeof part === 'string' ? part : findParameter(part.parameter, parameters);
    spendUnits(budget, built.length);
    return checkSegments(built);
  };
}

/** Matches what a path segment cannot contain (RFC 3986), so that no parameter ends its own segment. */
const OUTSIDE_SEGMENT = /[^\w.~!$&'()*+,;=:@%-]|%(?![0-9a-f]{2})/i;

function findParameter(name: string, parameters: Readonly<Record<string, string>>): string {
  const text = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (text === undefined || text === '') throw refused(`The path parameter ${name} is missing or empty`);
  if (OUTSIDE_SEGMENT.test(text)) throw refused(`The path parameter ${name} has characters that are not encoded`);
  return text;
}

function compilePart(part: Part): string | EvaluateUrl {
  if (typeof part === 'string') return part;
  const find = compileLookup(part.path);
  const encode = encoders[part.where];
  return (scope, budget) => {
    const text = toText(find(scope), budget);
    spendUnits(budget, text.length);
    if (!text.isWellFormed()) throw refused('A value for the URL is not valid Unicode');
    return encode(text);
  };
}

const encoders = {
  host(text: string): string {
    if (!/^[a-z0-9]+(?:[.-]+[a-z0-9]+)*$/i.test(text))
      throw refused('A value for the host of the URL is not a host name');
    return text;
  },
  path(text: string): string {
    if (text === '') throw refused('A value for the path of the URL is empty');
    if (/\p{Cc}/u.test(text)) throw refused('A value for the path of the URL has control characters');
    return encodeURIComponent(text);
  },
  query: encodeURIComponent,
};

function refused(message: string): ExpressionError {
  return new ExpressionError('invalid_upstream_request', message);
}

import type { Json } from '@toolplane/contracts';
import type { ErrorObject } from 'ajv/dist/2020.js';

/**
 * A rule that a value violates. `path` is a JSON Pointer into the value; the message names the rule, never the value.
 */
export type Violation = { path: string; rule: string; message: string };

const VIOLATIONS_MAX = 50;
const PATH_LENGTH_MAX = 256;
const NAME_LENGTH_MAX = 64;
const DETAIL_LENGTH_MAX = 512;

export function toViolations(errors: ErrorObject[]): Violation[] {
  // An error that nobody reads has no keyword.
  const reported = errors.filter(({ keyword }) => keyword !== undefined);
  return reported.slice(0, VIOLATIONS_MAX).map((error) => ({
    path: error.instancePath.slice(0, PATH_LENGTH_MAX),
    rule: error.keyword,
    message: describe(error),
  }));
}

export function describe({ message = 'is not valid', params, propertyName }: ErrorObject): string {
  const rule = message.slice(0, DETAIL_LENGTH_MAX);
  // The name of a property comes from the caller, who could not otherwise know which one is meant.
  if (propertyName !== undefined) return `has the name ${nameOf(propertyName)}, which ${rule}`;
  if (typeof params['propertyName'] === 'string') return `cannot have the name ${nameOf(params['propertyName'])}`;
  const name = params['additionalProperty'] ?? params['unevaluatedProperty'];
  if (typeof name === 'string') return `${rule}: ${nameOf(name)}`;
  const allowed = params['allowedValues'] ?? params['allowedValue'];
  return allowed === undefined ? rule : `${rule}: ${report(allowed)}`;
}

const nameOf = (name: string) => JSON.stringify(name.slice(0, NAME_LENGTH_MAX));

const texts = new WeakMap<object, string>();

/** Writes a long list once and not for each violation. */
function report(allowed: Json): string {
  if (typeof allowed === 'string') return write(allowed.slice(0, DETAIL_LENGTH_MAX));
  if (typeof allowed !== 'object' || allowed === null) return write(allowed);
  const text = texts.get(allowed) ?? write(allowed);
  texts.set(allowed, text);
  return text;
}

function write(allowed: Json): string {
  return JSON.stringify(allowed).slice(0, DETAIL_LENGTH_MAX);
}

import type { JsonObject } from './json.ts';

const LISTED_MAX = 5;

const words = new Set(['limit', 'page', 'size', 'filter', 'from', 'to', 'since', 'fields', 'query']);

/** The inputs that usually make an answer smaller, followed by the other optional ones. */
export function listNarrowingInputs(inputs: JsonObject, { isPaged }: { isPaged: boolean }): string[] {
  const { properties, required } = inputs;
  if (typeof properties !== 'object' || properties === null) return [];
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name);
  const names = Object.keys(properties).filter((name) => !(isPaged && name === 'cursor'));
  const others = names.filter((name) => !isLikely(name) && !isRequired(name));
  return [...names.filter(isLikely), ...others].slice(0, LISTED_MAX);
}

function isLikely(name: string): boolean {
  const parts = name
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return parts.some((part) => words.has(part));
}

import type { Part } from '../../document/part.ts';
import type { Step } from '../model.ts';

/** Ids of the steps that the request of a step takes values of. */
export function stepsNamedBy({ parameters, requestBody }: Step): Set<string> {
  const { payload, replacements = [] } = requestBody ?? {};
  const parts = [...parameters, ...replacements].map(({ value }) => value);
  return new Set([...parts, ...(payload === undefined ? [] : [payload])].flatMap(idsIn));
}

function idsIn({ value }: Part): string[] {
  const matches = JSON.stringify(value).matchAll(/\$steps\.([^.{}"\\]+)\.outputs\./g);
  return Array.from(matches, ([, id = '']) => id);
}

import type { ParameterPlace } from '../model.ts';

export type NameAndPlace = { name: string; in: ParameterPlace };

/** A parameter is its name and its place; only names of headers are the same in any case. */
export function isNamed(parameter: NameAndPlace, { name, in: place }: NameAndPlace): boolean {
  if (parameter.in !== place) return false;
  return place === 'header' ? parameter.name.toLowerCase() === name.toLowerCase() : parameter.name === name;
}

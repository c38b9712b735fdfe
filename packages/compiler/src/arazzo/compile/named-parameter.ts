import type { ParameterPlace } from '../model.ts';

export type NameAndPlace = { name: string; in: ParameterPlace };

/** A parameter is identified by its name and its location. Only header names are case-insensitive. */
export function isNamed(parameter: NameAndPlace, { name, in: place }: NameAndPlace): boolean {
  if (parameter.in !== place) return false;
  return place === 'header' ? parameter.name.toLowerCase() === name.toLowerCase() : parameter.name === name;
}

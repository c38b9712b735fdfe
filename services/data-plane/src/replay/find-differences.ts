import { appendPointer, type Json, type JsonObject } from '@toolplane/contracts';

export type ValueDifference = { pointer: string; recorded: Json | undefined; replayed: Json | undefined };

/** Returns the positions at which two values differ, in the order of the recorded value, up to a limit. */
export function findValueDifferences(
  recorded: Json | undefined,
  replayed: Json | undefined,
  {
    isEqual = Object.is,
    differencesMax,
  }: { isEqual?: (recorded: Json, replayed: Json) => boolean; differencesMax: number },
): ValueDifference[] {
  const found: ValueDifference[] = [];

  function compare(one: Json | undefined, other: Json | undefined, pointer: string): void {
    if (found.length === differencesMax) return;
    if (one !== undefined && other !== undefined) {
      if (isContainer(one) && isContainer(other) && Array.isArray(one) === Array.isArray(other)) {
        for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
          compare(memberOf(one, key), memberOf(other, key), appendPointer(pointer, key));
        }
        return;
      }
      if (isEqual(one, other)) return;
    } else if (one === other) return;
    found.push({ pointer, recorded: one, replayed: other });
  }

  compare(recorded, replayed, '');
  return found;
}

function isContainer(value: Json): value is JsonObject | Json[] {
  return typeof value === 'object' && value !== null;
}

function memberOf(value: JsonObject | Json[], key: string): Json | undefined {
  return Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
}

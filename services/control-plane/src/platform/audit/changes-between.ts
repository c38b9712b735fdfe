import { createHash } from 'node:crypto';
import { appendPointer, isJsonObject, type Json, jsonSchema } from '@toolplane/contracts';

/** The values at a JSON Pointer before and after a change; absent if there was no value. */
export type MemberChange = { pointer: string; before?: Json; after?: Json };

const CHANGES_MAX = 100;
const TEXT_LENGTH_MAX = 1000;
/** The maximum length of all changes as JSON, so that an export of many entries stays small. */
const LENGTH_MAX = 20_000;
/** Fields that change with every change and add no information to the entry. */
const CLOCKS = new Set(['updatedAt', 'lastUsedAt', 'lastSeenAt']);

/**
 * The differences between two answers of the API about the same resource. Lists are compared as a whole; long values
 * are truncated and identified by a digest.
 */
export function changesBetween(before: unknown, after: unknown): MemberChange[] {
  const changes: MemberChange[] = [];
  compare('', toJson(before), toJson(after), changes);
  let length = 0;
  return changes.slice(0, CHANGES_MAX).filter((change) => {
    length += JSON.stringify(change).length;
    return length <= LENGTH_MAX;
  });
}

function compare(pointer: string, before: Json | undefined, after: Json | undefined, changes: MemberChange[]): void {
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (!CLOCKS.has(name)) compare(appendPointer(pointer, name), before[name], after[name], changes);
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    changes.push({
      pointer,
      ...(before === undefined ? {} : { before: cut(before) }),
      ...(after === undefined ? {} : { after: cut(after) }),
    });
  }
}

function cut(value: Json): Json {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= TEXT_LENGTH_MAX) return value;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return `${text.slice(0, TEXT_LENGTH_MAX)}… (${text.length} characters, SHA-256 ${sha256})`;
}

/** Converts dates and similar values to the form that they have in answers. */
function toJson(value: unknown): Json | undefined {
  return value === undefined ? undefined : jsonSchema.parse(JSON.parse(JSON.stringify(value)));
}

import { appendPointer, type Json, type JsonObject, type Template } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { isRefusedKey } from '../queries/set-member.ts';
import { hooksAt, type ParseHooks } from './resolve.ts';

/** The depth to which a document may nest. */
const DEPTH_MAX = 64;

type Rules = {
  sparse: boolean;
  parseText(text: string, hooks: ParseHooks): Template;
  /** Parses an object that represents something else. */
  parseObject?(object: JsonObject, hooks: ParseHooks): Template | undefined;
  checkKey?(key: string, hooks: ParseHooks): void;
};

/** Returns the template of a JSON value, part by part. A part without expressions is one literal. */
export function walkValue(value: Json, hooks: ParseHooks, rules: Rules, depth = 0): Template {
  if (typeof value === 'string') return rules.parseText(value, hooks);
  if (typeof value !== 'object' || value === null) return { kind: 'literal', value };
  if (depth > DEPTH_MAX) {
    hooks.onError(new ExpressionSyntaxError(`A value nests at most ${DEPTH_MAX} levels`, 0));
    return { kind: 'literal', value: null };
  }
  const walk = (member: Json, key: string | number) => {
    return walkValue(member, hooksAt(appendPointer('', key), hooks), rules, depth + 1);
  };
  if (Array.isArray(value)) return toList(value.map(walk));
  const instead = rules.parseObject?.(value, hooks);
  if (instead !== undefined) return instead;
  const entries = Object.entries(value).flatMap(([key, member]): [string, Template][] => {
    rules.checkKey?.(key, hooks);
    if (!isRefusedKey(key)) return [[key, walk(member, key)]];
    hooks.onError(new ExpressionSyntaxError(`The key "${key}" is not allowed`, 0, appendPointer('', key)));
    return [];
  });
  return toMap(entries, rules.sparse);
}

function toList(items: Template[]): Template {
  const values = items.flatMap((item) => (item.kind === 'literal' ? [item.value] : []));
  return values.length === items.length ? { kind: 'literal', value: values } : { kind: 'list', items };
}

function toMap(entries: [string, Template][], sparse: boolean): Template {
  const members = entries.flatMap(([key, member]): [string, Json][] => {
    return member.kind === 'literal' ? [[key, member.value]] : [];
  });
  if (members.length === entries.length) return { kind: 'literal', value: Object.fromEntries(members) };
  return { kind: 'map', entries, ...(sparse ? { sparse } : {}) };
}

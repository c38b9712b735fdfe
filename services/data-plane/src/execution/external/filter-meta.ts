import { isJsonObject, type JsonObject } from '@toolplane/contracts';

/**
 * Only the protocol and the platform may use names with these prefixes in a result; an external server may not (B119).
 */
const RESERVED = /(?:^|\.)(?:modelcontextprotocol|mcp|toolplane)(?:\.[^/]*)?\//i;
const PARTS = ['content', 'resource'] as const;

/** Filters a block, a message or a resource, including its parts that may have `_meta`. */
export function filterMeta(part: JsonObject): JsonObject {
  const { _meta: meta, ...rest } = part;
  for (const name of PARTS) {
    const inner = rest[name];
    if (isJsonObject(inner)) rest[name] = filterMeta(inner);
  }
  if (!isJsonObject(meta)) return rest;
  const kept = Object.entries(meta).filter(([key]) => !RESERVED.test(key));
  return kept.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(kept) };
}

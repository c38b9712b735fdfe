import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '@toolplane/contracts';

/** The hex SHA-256 of the canonical JSON: equal values have equal digests, whatever the order of their keys. */
export function digestOf(value: Json): string {
  return hash('sha256', canonicalJson(value), 'hex');
}

import { hkdfSync } from 'node:crypto';
import { parsePeppers } from './api-key-hash.ts';
import { type CallKeys, parseCallKeys } from './call-keys.ts';

/**
 * Keys for the reports of edges to the control plane, derived from the peppers, the only secrets that only these two
 * know. The first one seals and all of them open, so they rotate with the peppers.
 */
export function toPepperKeys(peppers: string): CallKeys {
  const entries = parsePeppers(peppers).map((pepper) => {
    const derive = (purpose: string, bytes: number) => Buffer.from(hkdfSync('sha256', pepper, '', purpose, bytes));
    return `${derive('pepper-key-id', 8).toString('hex')}:${derive('pepper-key', 32).toString('base64')}`;
  });
  return parseCallKeys([...new Set(entries)].join(','));
}

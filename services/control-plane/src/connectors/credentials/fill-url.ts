import { AppError } from '@toolplane/contracts';
import type { ConnectorSummary } from '../../catalogue/connector-summary.ts';
import type { Instance } from '../instances/connector-instances.ts';

/** Matches escaped braces and configuration placeholders. */
const PIECES = /\{\{|\}\}|\{config\.([a-z][a-z0-9_]{0,63})\}/g;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?$/;

/** Fills a URL of a descriptor that depends only on the configuration, in the same way as the compiler. */
export function fillUrl(
  url: string,
  configuration: Instance['configuration'],
  fields: ConnectorSummary['metadata']['configuration'],
): string {
  const defaults = fields.map(({ key, default_value = '' }) => [key, default_value] as const);
  const set = Object.entries(configuration).filter(([, value]) => value !== '');
  const values = new Map([...defaults, ...set]);
  const filled = url.replaceAll(PIECES, (piece, key: string | undefined, offset: number) => {
    if (key === undefined) return piece.charAt(0);
    const value = String(values.get(key) ?? '');
    return value === '' ? refuse(key) : encode(key, value, url.slice(0, offset));
  });
  const { protocol, username, password } = URL.parse(filled) ?? {};
  const isUsable = (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
  return isUsable ? filled : refuse();
}

function encode(key: string, value: string, before: string): string {
  if (before === '') return value.replace(/\/+$/, '');
  if (/^(?:https?:\/\/[^/?]*|\{[^{}]*\})[/?]/i.test(before)) return encodeURIComponent(value);
  return HOST.test(value) ? value : refuse(key);
}

function refuse(key?: string): never {
  const what = key === undefined ? 'a URL' : `the configuration "${key}"`;
  throw new AppError('conflict', `Nobody can sign in, because ${what} of the instance is missing or not valid`);
}

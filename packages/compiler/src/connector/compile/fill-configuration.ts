import type { Connector } from '../descriptor/connector-schema.ts';
import { checkUrl, EndpointError, type EndpointPart, parseEndpoint, type Where } from '../descriptor/parse-endpoint.ts';

/** The configuration of an instance, by key. */
export type InstanceConfiguration = Readonly<Record<string, string | number | boolean>>;

export type FilledPart = Exclude<EndpointPart, { configuration: string }>;

/** The reason why a URL cannot be used in this instance. `key` is the key in the configuration. */
export class ConfigurationError extends Error {
  readonly key: string;
  readonly isMissing: boolean;

  constructor(key: string, message: string, { isMissing = false } = {}) {
    super(message);
    this.key = key;
    this.isMissing = isMissing;
  }
}

/** Adds the defaults of the descriptor. An empty text counts as no value. */
export function withDefaults({ metadata }: Connector, configuration: InstanceConfiguration): InstanceConfiguration {
  const defaults = metadata.configuration.flatMap(({ key, default_value: value }) => {
    return value === undefined ? [] : [[key, value] as const];
  });
  const set = Object.entries(configuration).filter(([, value]) => value !== '');
  return Object.fromEntries([...defaults, ...set]);
}

/** Fills the configuration of an instance into a valid URL of a descriptor. Throws `ConfigurationError`. */
export function fillConfiguration(text: string, configuration: InstanceConfiguration): FilledPart[] {
  const parts = parseEndpoint(text);
  const filled = parts.map((part): FilledPart => {
    if (typeof part === 'string' || 'key' in part) return part;
    return encode(part.configuration, configured(part.configuration, configuration), part.where);
  });
  checkFilled(parts, filled);
  return join(filled);
}

/** Fills the configuration into a URL that has no other placeholders. */
export function fillFixedUrl(text: string, configuration: InstanceConfiguration): string {
  return fillConfiguration(text, configuration).join('');
}

function configured(key: string, configuration: InstanceConfiguration): string {
  const value = Object.hasOwn(configuration, key) ? configuration[key] : undefined;
  if (value !== undefined) return String(value);
  throw new ConfigurationError(key, `The configuration has no "${key}"`, { isMissing: true });
}

const HOST_RULE = 'letters, digits, "-" and ".", optionally followed by ":" and a port';
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?$/;

function encode(key: string, value: string, where: Where): string {
  switch (where) {
    case 'base':
      return baseOf(key, value);
    case 'host':
      if (HOST.test(value)) return value;
      throw new ConfigurationError(key, `The configuration "${key}" is part of a host: ${HOST_RULE}`);
    default:
      if (value.isWellFormed()) return encodeURIComponent(value);
      throw new ConfigurationError(key, `The configuration "${key}" is not valid Unicode`);
  }
}

/** Returns the base URL of an API without a "/" at its end, because one follows it. */
function baseOf(key: string, value: string): string {
  const url = URL.parse(value);
  const isBase = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && !value.includes('?');
  if (isBase && isUrl(value)) return value.replace(/\/+$/, '');
  throw new ConfigurationError(key, `The configuration "${key}" must be an http(s) URL without a query`);
}

function isUrl(value: string): boolean {
  try {
    checkUrl(value.replaceAll('$', 's'));
    return true;
  } catch (thrown) {
    if (thrown instanceof EndpointError) return false;
    throw thrown;
  }
}

/**
 * Each value fits its location, but the URL may still be invalid because of a segment "..", or of a host name that is
 * too long.
 */
function checkFilled(parts: readonly EndpointPart[], filled: readonly FilledPart[]): void {
  const keys = [...new Set(parts.flatMap((part) => keyOf(part) ?? []))];
  const [first] = keys;
  if (first === undefined || isUrl(sampleWith(keys))) return;
  // Some values are valid individually, but together they make a host name too long.
  const culprit = keys.find((key) => !isUrl(sampleWith([key])));
  const named = (culprit === undefined ? keys : [culprit]).map((key) => `"${key}"`).join(' and ');
  throw new ConfigurationError(culprit ?? first, `With the configuration ${named}, this is not a valid URL`);

  /** Uses the values of these keys, and something harmless for all others. */
  function sampleWith(some: readonly string[]): string {
    return parts
      .map((part, index) => {
        if (typeof part === 'string') return part;
        const isFilled = some.includes(keyOf(part) ?? '');
        return (isFilled ? filled[index] : undefined) ?? (part.where === 'base' ? 'https://base.example' : '1');
      })
      .join('');
  }
}

function keyOf(part: EndpointPart): string | undefined {
  return typeof part === 'object' && 'configuration' in part ? part.configuration : undefined;
}

function join(parts: readonly FilledPart[]): FilledPart[] {
  const joined: FilledPart[] = [];
  for (const part of parts) {
    const before = joined.at(-1);
    if (typeof part === 'string' && typeof before === 'string') joined[joined.length - 1] = before + part;
    else joined.push(part);
  }
  return joined;
}

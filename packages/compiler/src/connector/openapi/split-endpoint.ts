import { definedOnly, type JsonObject } from '@toolplane/contracts';
import type { Connector } from '../descriptor/connector-schema.ts';
import { parseBraces } from '../descriptor/parse-braces.ts';

/** `query` is the fixed query of an endpoint; a value is undefined if the instance configures it. */
type SplitEndpoint = { server: JsonObject; path: string; query: { name: string; value?: string }[] };

const CONFIGURATION = 'config.';

/**
 * Values of the configuration become variables of the server, so the server URL extends to the last segment that
 * contains one.
 */
export function splitEndpoint(endpoint: string, connector: Connector): SplitEndpoint {
  const [whole = '', query] = splitOnce(endpoint, '?');
  const { pieces } = parseBraces(whole);
  let text = '';
  let serverEnd = 0;
  const variables: Record<string, JsonObject> = {};
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece.replaceAll(/[{}]/g, encodeURIComponent);
    else text += `{${piece.key.replace(CONFIGURATION, '')}}`;
    if (typeof piece === 'string' || !piece.key.startsWith(CONFIGURATION)) continue;
    const key = piece.key.slice(CONFIGURATION.length);
    variables[key] = toVariable(key, connector, text.slice(0, -`{${key}}`.length));
    serverEnd = text.length;
  }
  const host = /^(?:https?:\/\/)?[^/]*/i.exec(text)?.[0].length ?? 0;
  const slash = text.indexOf('/', Math.max(host, serverEnd));
  const cut = slash < 0 ? text.length : slash;
  const server = { url: text.slice(0, cut), ...(Object.keys(variables).length === 0 ? {} : { variables }) };
  return { server, path: text.slice(cut) || '/', query: readQuery(query) };
}

/** Fills in the defaults of the configuration for a URL that must be complete, such as a token URL. */
export function fillWithDefaults(url: string, connector: Connector): string {
  return parseBraces(url).pieces.reduce<string>((text, piece) => {
    if (typeof piece === 'string') return text + piece;
    return text + String(toVariable(piece.key.replace(CONFIGURATION, ''), connector, text)['default']);
  }, '');
}

/** OpenAPI requires a default for each variable. If none is declared, a value that keeps the URL valid is used. */
function toVariable(key: string, { metadata }: Connector, before: string): JsonObject {
  const field = metadata.configuration.find((each) => each.key === key);
  const options = field?.field_type === 'select' && field.options !== undefined ? field.options : [];
  const standard = String(field?.default_value ?? options[0] ?? placeholder(key, before));
  return definedOnly({
    default: standard,
    enum: options.includes(standard) ? options : undefined,
    description: field?.description ?? field?.label,
  });
}

function placeholder(key: string, before: string): string {
  if (before === '') return 'https://api.example.com';
  return /^https?:\/\/[^/]*:$/i.test(before) ? '443' : key.replaceAll('_', '-');
}

function readQuery(query: string | undefined): SplitEndpoint['query'] {
  return [...new URLSearchParams(query ?? '')].map(([name, value]) => {
    const isFixed = parseBraces(value).pieces.every((piece) => typeof piece === 'string');
    return { name, ...(isFixed ? { value: parseBraces(value).pieces.join('') } : {}) };
  });
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

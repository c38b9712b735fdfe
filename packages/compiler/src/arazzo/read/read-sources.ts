import { definedOnly, isJsonObject, type JsonObject, secretNameSchema } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Minor, SourceDescription } from '../model.ts';
import { allowKeys } from './allow-keys.ts';
import { checkUnique } from './check-unique.ts';
import { resolveUrl } from './resolve-url.ts';
import { requiredText, textMember } from './text-member.ts';

const SOURCES_MAX = 100;
const VARIABLES_MAX = 100;
const SECRETS_MAX = 100;

const OWN_KEYS = ['x-secrets', 'x-server', 'x-server-variables', 'x-trusted'];
const TYPES = [
  ['openapi', 'arazzo'],
  ['openapi', 'arazzo', 'asyncapi'],
] as const;

export function readSources(part: Part | undefined, minor: Minor, baseUri: string): SourceDescription[] {
  const parts = part?.items({ max: SOURCES_MAX, what: 'source descriptions' }) ?? [];
  const sources = parts.filter((item) => item.object()).map((item) => readSource(item, minor, baseUri));
  checkUnique(
    'duplicate_name',
    sources.map(({ name, part: source }) => ({
      key: name,
      part: source.member('name') ?? source,
      message: `Duplicate source description "${name}"`,
    })),
  );
  return sources;
}

function readSource(part: Part, minor: Minor, baseUri: string): SourceDescription {
  allowKeys(part, minor, ['name', 'url', 'type', ...OWN_KEYS]);
  const url =
    requiredText(part, 'url')?.textLike(/\S/, 'invalid_url', 'The URL is empty', 'Write where the document is.') ?? '';
  return {
    part,
    name: readName(part.required('name')),
    url,
    resolvedUrl: resolveUrl(url, baseUri),
    secrets: readTexts(part.member('x-secrets'), SECRETS_MAX, checkSecretName),
    serverVariables: readTexts(part.member('x-server-variables'), VARIABLES_MAX, checkVariable),
    isTrusted: part.member('x-trusted')?.boolean() ?? false,
    extensions: readExtensions(part),
    ...definedOnly({ type: part.member('type')?.choice(TYPES[minor]), server: readServer(part) }),
  };
}

function readName(part: Part | undefined): string {
  const rule = 'The name of a source description consists of letters, digits, "_" and "-"';
  return part?.textLike(/^[A-Za-z0-9_-]{1,256}$/, 'invalid_name', rule, 'Rename it.') ?? '';
}

function readServer(part: Part): string | undefined {
  const server = textMember(part, 'x-server');
  const text = server?.text() ?? '';
  // The URL parser would treat braces as part of the host.
  const protocol = /[{}$]/.test(text) ? undefined : URL.parse(text)?.protocol;
  if (server === undefined || protocol === 'https:' || protocol === 'http:') return server?.text();
  server.error('invalid_url', 'A server must be an absolute URL', 'For example, write https://staging.example.com/v1.');
  return undefined;
}

function readTexts(part: Part | undefined, max: number, check?: (text: Part) => void): Record<string, string> {
  const entries = part?.entries({ max }).flatMap(([name, text]): [string, string][] => {
    check?.(text);
    return [[name, text.text() ?? '']];
  });
  return Object.fromEntries(entries ?? []);
}

function checkSecretName(part: Part): void {
  if (typeof part.value !== 'string' || secretNameSchema.safeParse(part.value).success) return;
  const rule = 'The name of a secret starts with a letter, followed by letters, digits or "_"';
  part.error('invalid_name', rule, 'Write the name of a secret of this server.');
}

/** A server is determined before anything runs, and a value with braces would be mistaken for another variable. */
function checkVariable(part: Part): void {
  const rule = 'The value of a server variable cannot contain "$" or braces';
  const hint = 'Write the value itself: expressions are not evaluated here.';
  if (typeof part.value === 'string') part.textLike(/^[^${}]*$/, 'invalid_variable', rule, hint);
}

function readExtensions({ value }: Part): JsonObject {
  const entries = Object.entries(isJsonObject(value) ? value : {});
  return Object.fromEntries(entries.filter(([key]) => key.startsWith('x-') && !OWN_KEYS.includes(key)));
}

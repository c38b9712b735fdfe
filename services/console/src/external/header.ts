import type { ApiClient, ExternalMcpConfig } from '@toolplane/api-client';
import { toHeaderSecretName } from '@toolplane/contracts';
import { ApiError } from '../api/api-error.ts';
import { seal } from '../api/seal.ts';

/**
 * A header in the form. A value that is to be sealed is not part of it: it is read from its field when it is sealed,
 * and is stored nowhere else.
 */
export type HeaderDraft = {
  key: number;
  name: string;
  kind: 'sealed' | 'secret';
  /** Only for the kind `secret`: `Bearer $secrets.NAME`. */
  text: string;
};

export function toFieldName({ key }: HeaderDraft): string {
  return `value-${key}`;
}

/** Seals the headers for the server to which the external server is attached, and only for the host of the URL. */
export async function sealHeaders(
  api: ApiClient,
  headers: readonly HeaderDraft[],
  { form, url, server, name: externalServer }: { form: HTMLFormElement; url: string; server: string; name: string },
): Promise<NonNullable<ExternalMcpConfig['headers']>> {
  refuseTwice(headers);
  const values = readValues(form, headers);
  if (values.length === 0) return toTexts(headers);
  const hosts = [toHost(url)];
  const sealed = await Promise.all(
    values.map(async ([name, value]) => {
      const purpose = { server, secret: toHeaderSecretName(externalServer, name) };
      return [name, { sealed: await seal(api, purpose, { value, hosts }) }] as const;
    }),
  );
  return { ...toTexts(headers), ...Object.fromEntries(sealed) };
}

/**
 * Seals headers for an inspection. It has no server yet whose secrets could be referred to, and runs in the default
 * pool.
 */
export async function sealForInspection(
  api: ApiClient,
  headers: readonly HeaderDraft[],
  { form, url }: { form: HTMLFormElement; url: string },
): Promise<{ sealed: string } | undefined> {
  const values = readValues(form, headers);
  if (values.length === 0) return undefined;
  const value = JSON.stringify(Object.fromEntries(values));
  return { sealed: await seal(api, { url }, { value, hosts: [toHost(url)] }) };
}

/** A value is sealed for one host, and is sent to no other. */
function toHost(url: string): string {
  const host = URL.parse(url)?.host ?? '';
  if (host === '') throw new ApiError(0, { code: 'invalid_url', message: 'Its URL has no host.' });
  return host;
}

/** All headers are sent in one object, where the last of several equal names would replace the others. */
function refuseTwice(headers: readonly HeaderDraft[]): void {
  const names = new Set(headers.map(({ name }) => name.toLowerCase()));
  if (names.size === headers.length) return;
  throw new ApiError(0, { code: 'header_twice', message: 'A header is listed twice.' });
}

function toTexts(headers: readonly HeaderDraft[]): Record<string, string> {
  return Object.fromEntries(headers.filter(({ kind }) => kind === 'secret').map(({ name, text }) => [name, text]));
}

function readValues(form: HTMLFormElement, headers: readonly HeaderDraft[]): [string, string][] {
  const fields = new FormData(form);
  return headers
    .filter(({ kind }) => kind === 'sealed')
    .map((header) => [header.name, String(fields.get(toFieldName(header)) ?? '')]);
}

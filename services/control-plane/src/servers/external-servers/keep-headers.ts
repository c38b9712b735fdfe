import { randomBytes } from 'node:crypto';
import { AppError, notValid, toHeaderSecretName } from '@toolplane/contracts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { ExternalConfig } from './external-config.ts';
import { findSecretNames, type Header } from './header-templates.ts';
import type { AttachedServer } from './store.ts';

export type KeptHeaders = {
  /** The headers of each configuration, in the order of the configurations. */
  headers: Header[][];
  /** Names of the secrets that were stored for sealed headers. */
  stored: string[];
};

/**
 * Returns the headers of each configuration, which name secrets of the server. A sealed value is stored as a new secret
 * next to the one that it replaces, because calls read the old one until the configuration is saved. If headers are
 * left out, those of the existing server with this name stay. If one value cannot be stored, none of them is kept.
 */
export async function keepHeaders(
  secrets: Pick<Secrets, 'put' | 'remove'>,
  principal: Principal,
  serverId: string,
  configs: readonly ExternalConfig[],
  known: ReadonlyMap<string, AttachedServer>,
): Promise<KeptHeaders> {
  const places = configs.flatMap(({ name, headers = {} }, index) =>
    Object.entries(headers).flatMap(([header, value]): Place[] => {
      if (typeof value === 'string') return [];
      const path = `body.externalMcpConfigs.${index}.headers.${header}`;
      const base = toHeaderSecretName(name, header);
      const isTaken = known.get(name)?.headers.some(([, before]) => isOwn(before, base)) === true;
      const secret = isTaken ? `${base}_${randomBytes(4).toString('hex').toUpperCase()}` : base;
      return [{ path, config: name, header, base, secret, sealed: value.sealed }];
    }),
  );
  refusePlaces(principal, places);
  const stored: string[] = [];
  try {
    for (const { path, secret, base, sealed } of places) {
      const value = { sealed, sealedName: base, path: `${path}.sealed`, overlapSeconds: 0 };
      await secrets.put(principal, serverId, secret, value);
      stored.push(secret);
    }
  } catch (error) {
    await removeSecrets(secrets, principal, serverId, stored);
    throw error;
  }
  const headers = configs.map(({ name, headers }) => {
    if (headers === undefined) return known.get(name)?.headers ?? [];
    return Object.entries(headers).map(([header, value]): Header => {
      const place = places.find((each) => each.config === name && each.header === header);
      return [header, typeof value === 'string' ? value : `$secrets.${place?.secret}`];
    });
  });
  return { headers, stored };
}

/** A secret that cannot be deleted stays in the list of the server's secrets. */
export async function removeSecrets(
  secrets: Pick<Secrets, 'remove'>,
  principal: Principal,
  serverId: string,
  names: readonly string[],
): Promise<void> {
  for (const name of names) await secrets.remove(principal, serverId, name).catch(() => undefined);
}

/** Secrets of earlier sealed headers to which nothing in `kept` refers. */
export function listDropped(before: readonly AttachedServer[], kept: readonly Header[][]): string[] {
  const named = new Set(kept.flat().flatMap(([, value]) => findSecretNames(value)));
  const own = before.flatMap(({ name, headers }) =>
    headers.flatMap(([header, value]) =>
      isOwn(value, toHeaderSecretName(name, header)) ? findSecretNames(value) : [],
    ),
  );
  return own.filter((secret) => !named.has(secret));
}

type Place = { path: string; config: string; header: string; base: string; secret: string; sealed: string };

function refusePlaces({ permissions }: Principal, places: readonly Place[]): void {
  if (places.length === 0) return;
  if (!permissions.includes('secrets:write')) {
    throw new AppError(
      'forbidden',
      'Sealed headers are stored as secrets, which requires the permission secrets:write',
    );
  }
  const twice = places.find(({ base }, index) => places.findIndex((other) => other.base === base) < index);
  if (twice === undefined) return;
  const message = `would become the secret ${twice.base}, like another header: store it yourself, and refer to it as $secrets.NAME`;
  throw notValid([{ path: twice.path, message }]);
}

/** Whether this header value refers to the secret of a sealed header, or to one that replaced that secret. */
function isOwn(value: string, base: string): boolean {
  return value.startsWith(`$secrets.${base}`) && /^(?:_[0-9A-F]{8})?$/.test(value.slice(`$secrets.${base}`.length));
}

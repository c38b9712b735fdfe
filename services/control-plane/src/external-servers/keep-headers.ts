import { AppError } from '@toolplane/contracts';
import type { Principal } from '../access/principal.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { ExternalConfig } from './external-config.ts';
import { findSecretNames, type Header } from './header-templates.ts';
import type { AttachedServer } from './store.ts';

/**
 * The headers of each configuration, which name secrets of the server: a sealed value is stored as one. Left out, they are
 * those that the server of this name had.
 */
export async function keepHeaders(
  secrets: Pick<Secrets, 'put'>,
  principal: Principal,
  serverId: string,
  configs: readonly ExternalConfig[],
  known: ReadonlyMap<string, AttachedServer>,
): Promise<Header[][]> {
  const places = configs.flatMap(({ name, headers = {} }, index) =>
    Object.entries(headers).flatMap(([header, value]) => {
      if (typeof value === 'string') return [];
      const path = `body.externalMcpConfigs.${index}.headers.${header}`;
      return [{ path, secret: toSecretName(name, header), sealed: value.sealed }];
    }),
  );
  refusePlaces(principal, places);
  for (const { secret, sealed } of places) {
    await secrets.put(principal, serverId, secret, { sealed, overlapSeconds: 0 });
  }
  return configs.map(({ name, headers }) => {
    if (headers === undefined) return known.get(name)?.headers ?? [];
    return Object.entries(headers).map(([header, value]): Header => {
      return [header, typeof value === 'string' ? value : toReference(name, header)];
    });
  });
}

/** Secrets of sealed headers that were there before and that nothing of `kept` names. */
export function listDropped(before: readonly AttachedServer[], kept: readonly Header[][]): string[] {
  const named = new Set(kept.flat().flatMap(([, value]) => findSecretNames(value)));
  const own = before.flatMap(({ name, headers }) =>
    headers.flatMap(([header, value]) => (value === toReference(name, header) ? [toSecretName(name, header)] : [])),
  );
  return own.filter((secret) => !named.has(secret));
}

type Place = { secret: string; path: string };

function refusePlaces({ permissions }: Principal, places: readonly Place[]): void {
  if (places.length === 0) return;
  if (!permissions.includes('secrets:write')) {
    throw new AppError('forbidden', 'Sealed headers are stored as secrets, which needs the permission secrets:write');
  }
  const twice = places.find(({ secret }, index) => places.findIndex((other) => other.secret === secret) < index);
  if (twice === undefined) return;
  const message = `would be the secret ${twice.secret}, as another one: store it yourself, and name it as $secrets.NAME`;
  throw new AppError('invalid_request', 'The request is not valid', {
    details: [{ path: twice.path, message }],
  });
}

const toReference = (name: string, header: string) => `$secrets.${toSecretName(name, header)}`;

/** Under which a sealed header is stored with the secrets of the server. */
function toSecretName(name: string, header: string): string {
  return `EXTERNAL_${name}_${header}`.replaceAll('-', '_').toUpperCase();
}

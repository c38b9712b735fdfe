/*
 * Placeholders that a replay uses instead of secrets, credentials and tokens; they are created for each replay. They
 * are masked like the originals, so a request looks as it did when it was recorded.
 */
import { randomBytes } from 'node:crypto';
import { AppError, type Recording } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { EVERY_HOST } from '../egress/host-pattern.ts';
import type { PreparedPlan } from '../execution/prepare-plan.ts';
import type { PlanCall, RunServices } from '../execution/run.ts';
import { type Credential, serializeCredential } from '../secrets/credential.ts';
import { type Secret, secretPath } from '../secrets/secret-store.ts';

/** Replaces a field that is not secret, and therefore not masked: in the recording, it may have any value. */
export const FIELD_MARK = 'replayedfield';

export type Placeholders = Pick<
  RunServices,
  'secrets' | 'tokens' | 'grants' | 'exchange' | 'chains' | 'externalTokens' | 'noteSecretUse' | 'fingerprint'
> & {
  /** Replaces all values by new ones, as after a rotation. */
  renew(): void;
};

export function createPlaceholders({ connection }: Pick<PreparedPlan, 'connection'>): Placeholders {
  let values = new Map<string, SecretValue>();

  function standIn(key: string, make = newSecret): SecretValue {
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = make();
    values.set(key, value);
    return value;
  }
  const toSecret = (value: SecretValue): Secret => ({ value, hosts: EVERY_HOST, version: 1 });
  const tokenFor = async () => standIn('token');
  /** Every scope has a stored record, so the first scope that is read is the one that is used. */
  const recordOf = (path: string) => standIn(path, () => serializeCredential(toCredential(connection)));

  return {
    secrets: {
      async get(ref) {
        const isOfConnection = connection !== undefined && ref.serverId === connection.instanceId;
        return toSecret(isOfConnection ? recordOf(secretPath(ref)) : standIn(secretPath(ref)));
      },
      expire: () => {},
    },
    tokens: {
      get: async (need, secret, ref) => ({ ...secret, value: standIn(JSON.stringify([secretPath(ref), need.scopes])) }),
      expire: () => {},
    },
    grants: { getAccessToken: tokenFor, expire: () => {} },
    exchange: { get: tokenFor, expire: () => {} },
    chains: {
      get: async ({ chain, stored: { hosts, version } }) =>
        chain.steps
          .flatMap(({ extract }) => extract)
          .map(([name]) => ({ name: `chain.${name}`, hosts, version, value: standIn(`${chain.id} ${name}`) })),
      expire: () => {},
    },
    externalTokens: {
      get: async () => toSecret(await tokenFor()),
      renew: async () => toSecret(await tokenFor()),
      storeChallenge: async () => {},
    },
    noteSecretUse: () => {},
    fingerprint: () => '',
    renew() {
      values = new Map();
    },
  };
}

function newSecret(): SecretValue {
  return new SecretValue(newText());
}

export function newText(): string {
  return `replayed_${randomBytes(12).toString('hex')}`;
}

function toCredential(connection: PreparedPlan['connection']): Credential {
  const { id = '', fields = [], token } = connection?.authentication ?? {};
  const given = fields.map(({ key, isSecret, type }) => {
    const text = type === 'url' ? `https://${FIELD_MARK}` : FIELD_MARK;
    return [key, isSecret ? newSecret() : new SecretValue(text)] as const;
  });
  const client = { id: 'replayed', workspaceId: 'replayed' };
  return {
    authentication: id,
    fields: new Map(given),
    ...(token?.grant === 'authorization_code' ? { grant: { client, accessToken: newSecret() } } : {}),
  };
}

/** Returns what the recording reveals about the caller: values that callers send are also masked there. */
export function callerOf(prepared: PreparedPlan, recording: Recording): PlanCall['caller'] {
  const text = JSON.stringify(recording.answers);
  const names = new Set(Array.from(text.matchAll(/\[secret:config\.([\w-]+)\]/g), ([, name = '']) => name));
  const hasToken =
    prepared.mayUseToken && (recording.caller === 'token' || text.includes('[secret:current_user.token]'));
  const isExchanged = prepared.connection?.authentication?.token?.grant === 'token_exchange';
  return {
    config: Object.fromEntries([...names].map((name) => [name, newText()])),
    ...(hasToken ? { token: newText() } : {}),
    ...(isExchanged ? { upstreamAuthorization: `Bearer ${newText()}` } : {}),
  };
}

export function noLinks(): RunServices['links'] {
  return { seal: () => Promise.reject(new AppError('conflict', 'A replay connects nobody')) };
}

import type { ApiKey } from '@toolplane/api-client';
import { toChanges } from '../api/to-changes.ts';

/** The values of the form of a key; an empty list means no restriction. */
export type KeyDraft = {
  name: string;
  description: string;
  /** Only for a new key. */
  agentId: string | null;
  permissions: ApiKey['permissions'];
  mayAssertUser: boolean;
  expiresAt: string | null;
  allowedServers: string[];
  allowedTools: string[];
  allowedAddresses: string[];
};

/** A program that calls tools needs no more than this. */
export const newDraft: KeyDraft = {
  name: '',
  description: '',
  agentId: null,
  permissions: ['tools:call'],
  mayAssertUser: false,
  expiresAt: null,
  allowedServers: [],
  allowedTools: [],
  allowedAddresses: [],
};

export function toDraft(key: ApiKey): KeyDraft {
  return {
    name: key.name,
    description: key.description ?? '',
    agentId: key.agentId,
    permissions: key.permissions,
    mayAssertUser: key.mayAssertUser,
    expiresAt: key.expiresAt,
    allowedServers: key.allowedServers ?? [],
    allowedTools: key.allowedTools ?? [],
    allowedAddresses: key.allowedAddresses ?? [],
  };
}

export function toNewKey(draft: KeyDraft) {
  const { description, agentId, expiresAt, allowedServers, allowedTools, allowedAddresses, ...rest } = toRequest(draft);
  return {
    ...rest,
    description: description === '' ? undefined : description,
    agentId: agentId ?? undefined,
    expiresAt: expiresAt ?? undefined,
    allowedServers: allowedServers ?? undefined,
    allowedTools: allowedTools ?? undefined,
    allowedAddresses: allowedAddresses ?? undefined,
  };
}

/** Changing more than the name requires all permissions that the key has. */
export function toKeyChange(before: KeyDraft, after: KeyDraft) {
  return toChanges(toRequest(before), toRequest(after));
}

function toRequest({ allowedServers, allowedTools, allowedAddresses, ...rest }: KeyDraft) {
  return {
    ...rest,
    allowedServers: toBound(allowedServers),
    allowedTools: toBound(allowedTools),
    allowedAddresses: toBound(allowedAddresses),
  };
}

function toBound(list: string[]): string[] | null {
  return list.length === 0 ? null : list;
}

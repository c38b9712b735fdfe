import type { JsonObject } from '@toolplane/contracts';
import type { ManifestChange } from '../manifests/server-changes.ts';

/** Returns the notifications about a change, for a client that listens for lists and for these resources. */
export function toNotifications(
  { lists, isUpdated }: ManifestChange,
  subscriptions: readonly string[],
): { method: string; params: JsonObject }[] {
  return [
    ...[...lists].map((list) => ({ method: `notifications/${list}/list_changed`, params: {} })),
    ...subscriptions.filter(isUpdated).map((uri) => ({ method: 'notifications/resources/updated', params: { uri } })),
  ];
}

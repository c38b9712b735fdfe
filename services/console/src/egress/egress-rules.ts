export type HostLists = {
  /** Only these hosts are allowed. Null: all. */
  allowHosts: string[] | null;
  /** Hosts that are never allowed, even if they are in the allowed list. */
  denyHosts: string[];
};

export function areSame(one: HostLists, other: HostLists): boolean {
  return toText(one) === toText(other);
}

function toText({ allowHosts, denyHosts }: HostLists): string {
  return JSON.stringify([allowHosts, denyHosts]);
}

export type EgressHosts = {
  /** Only these hosts are allowed. Null: all. */
  allowHosts: string[] | null;
  /** Hosts that are never allowed, even if they are in the allowed list. */
  denyHosts: string[];
};

export function areSame(one: EgressHosts, other: EgressHosts): boolean {
  return toText(one) === toText(other);
}

function toText({ allowHosts, denyHosts }: EgressHosts): string {
  return JSON.stringify([allowHosts, denyHosts]);
}

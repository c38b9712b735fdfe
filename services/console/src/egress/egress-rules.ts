/** `EgressRules` of the API: where the tools of a workspace may send requests. */
export type EgressRules = EgressHosts & {
  workspaceId: string;
  /** The number of changes so far. */
  version: number;
};

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

/** Where the tools of a workspace may send requests, inside of what the data plane lets out. */
export type EgressHosts = {
  /** Only to these; null: to all. */
  allowHosts: string[] | null;
  /** Never to these; goes before `allowHosts`. */
  denyHosts: string[];
};

export function readEgressHosts(text: string): EgressHosts {
  return JSON.parse(text) as EgressHosts;
}

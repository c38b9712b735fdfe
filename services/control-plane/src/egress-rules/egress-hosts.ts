/** The hosts to which the tools of a workspace may send requests, within what the data plane allows. */
export type EgressHosts = {
  /** Only these hosts; null: all. */
  allowHosts: string[] | null;
  /** Never these hosts; takes precedence over `allowHosts`. */
  denyHosts: string[];
};

export function readEgressHosts(text: string): EgressHosts {
  return JSON.parse(text) as EgressHosts;
}

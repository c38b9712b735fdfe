/** The hosts to which the tools of a workspace may send requests, within what the data plane allows. */
export type EgressHosts = {
  /** Requests may go only to these hosts. Null allows all hosts. */
  allowHosts: string[] | null;
  /** Hosts to which no request may go. They take precedence over `allowHosts`. */
  denyHosts: string[];
};

export function readEgressHosts(text: string): EgressHosts {
  return JSON.parse(text) as EgressHosts;
}

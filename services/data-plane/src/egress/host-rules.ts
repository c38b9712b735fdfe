import { createHostList } from './host-pattern.ts';

/** The hosts to which requests may go: of a data plane, or of a workspace. */
export type HostRules = {
  /** Only these; absent: all. */
  allowHosts?: readonly string[] | undefined;
  /** Never these, whatever is allowed. */
  denyHosts: readonly string[];
};

const prepared = new WeakMap<HostRules, (url: URL) => boolean>();

/** Lists are prepared once per object: the caller passes the same object for as long as its rules hold. */
export function isHostAllowed(rules: HostRules, url: URL): boolean {
  const known = prepared.get(rules);
  if (known !== undefined) return known(url);
  const isAllowed = prepare(rules);
  prepared.set(rules, isAllowed);
  return isAllowed(url);
}

function prepare({ allowHosts, denyHosts }: HostRules): (url: URL) => boolean {
  const isDenied = createHostList(denyHosts);
  const isListed = allowHosts === undefined ? () => true : createHostList(allowHosts);
  return (url) => !isDenied(url) && isListed(url);
}

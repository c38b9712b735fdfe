import { createHostList } from './host-pattern.ts';

/** Which hosts may be asked: of a data plane, or of a workspace. */
export type HostRules = {
  /** Only these; absent: all. */
  allowHosts?: readonly string[] | undefined;
  /** Never these, whatever is allowed. */
  denyHosts: readonly string[];
};

const prepared = new WeakMap<HostRules, (url: URL) => boolean>();

/** Lists are made ready once per document: whoever gives the rules gives the same object for as long as they hold. */
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

import { createHostList } from './host-pattern.ts';

/** The hosts to which a data plane or a workspace may send requests. */
export type HostRules = {
  /** The only allowed hosts. If absent, all are allowed. */
  allowHosts?: readonly string[] | undefined;
  /** The hosts that are always denied, even if they are in `allowHosts`. */
  denyHosts: readonly string[];
};

const prepared = new WeakMap<HostRules, (url: URL) => boolean>();

/** Lists are prepared once per object: the caller passes the same object until its rules change. */
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

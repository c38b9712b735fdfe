import type { Manifest, Policy, Tool } from '@toolplane/contracts';
import { type CompiledPolicy, compilePolicy, type PolicyTool } from '@toolplane/policy';

/** A policy that holds for a tool, and the tool as that policy sees it: the same object from call to call. */
export type PolicyCheck = ServerPolicy & { readonly tool: PolicyTool };
export type ServerPolicy = { readonly serverId: string; readonly policy: CompiledPolicy };

/** The policies of a manifest, compiled: its own, and of each of its tools those that hold for it. */
export type ManifestPolicies = {
  readonly own: ServerPolicy | undefined;
  checksOf(tool: Tool): readonly PolicyCheck[];
};

/** That of the server that a tool is from holds besides that of the server that offers it. */
export function toPolicies({ serverId, policy, originPolicies = {} }: Manifest): ManifestPolicies {
  const own = toServerPolicy(serverId, policy);
  const origins = new Map(
    Object.entries(originPolicies).map(([origin, ofOrigin]) => [origin, toServerPolicy(origin, ofOrigin)]),
  );
  return {
    own,
    checksOf(tool) {
      const ofOrigin = tool.origin && origins.get(tool.origin.serverId);
      return [
        ...(own === undefined ? [] : [{ ...own, tool }]),
        ...(tool.origin === undefined || ofOrigin === undefined
          ? []
          : [{ ...ofOrigin, tool: toPolicyTool(tool, tool.origin.name) }]),
      ];
    },
  };
}

/** As another server or the catalogue calls it. */
export function toPolicyTool({ toolkit, nameInToolkit, annotations }: Tool, name: string): PolicyTool {
  return { name, toolkit, nameInToolkit, annotations };
}

/** Undefined for one that says nothing. */
function toServerPolicy(serverId: string, policy: Policy | undefined): ServerPolicy | undefined {
  if (policy === undefined) return undefined;
  const { unmatched, rules, limits } = policy;
  const saysNothing = unmatched === 'allow' && rules.length === 0 && limits.length === 0;
  return saysNothing ? undefined : { serverId, policy: compilePolicy(policy) };
}

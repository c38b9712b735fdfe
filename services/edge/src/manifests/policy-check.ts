import type { Manifest, Policy, Tool } from '@toolplane/contracts';
import {
  type CompiledPolicy,
  compilePolicy,
  type PolicyCaller,
  type PolicyTool,
  toCallerFromElsewhere,
} from '@toolplane/policy';

/** A policy that applies to a tool, and the tool as that policy sees it, which is the same object for every call. */
export type PolicyCheck = ServerPolicy & { readonly tool: PolicyTool };
export type ServerPolicy = {
  readonly serverId: string;
  /** The server belongs to another workspace, which lends the tool. */
  readonly isLent?: true;
  readonly policy: CompiledPolicy;
};

/** The compiled policies of a manifest: its own policy, and for each of its tools the policies that apply to it. */
export type ManifestPolicies = {
  readonly own: ServerPolicy | undefined;
  checksOf(tool: Tool): readonly PolicyCheck[];
  /** Returns the policies for a prompt or a resource, by the name of its plan. */
  checksOfPlan(name: string, runnable: { isReadOnly?: boolean | undefined }): readonly PolicyCheck[];
};

/** The policy of the server that a tool comes from applies in addition to that of the server that offers it. */
export function toPolicies({ serverId, isLent, policy, originPolicies = {} }: Manifest): ManifestPolicies {
  const ofServer = toServerPolicy(serverId, policy);
  const own = ofServer && isLent ? { ...ofServer, isLent } : ofServer;
  const origins = new Map(
    Object.entries(originPolicies).map(([origin, ofOrigin]) => [origin, toServerPolicy(origin, ofOrigin)]),
  );
  return {
    own,
    checksOfPlan: (name, { isReadOnly = false }) =>
      own === undefined ? [] : [{ ...own, tool: { name, annotations: { readOnlyHint: isReadOnly } } }],
    checksOf(tool) {
      const ofOrigin = tool.origin && origins.get(tool.origin.serverId);
      return [
        ...(own === undefined ? [] : [{ ...own, tool }]),
        ...(tool.origin === undefined || ofOrigin === undefined
          ? []
          : [{ ...ofOrigin, ...isLentBy(tool.origin), tool: toPolicyTool(tool, tool.origin.name) }]),
      ];
    },
  };
}

function isLentBy({ isLent }: NonNullable<Tool['origin']>): Pick<ServerPolicy, 'isLent'> {
  return isLent === undefined ? {} : { isLent };
}

/** Returns the caller as the policy of a check sees it. */
export function toCallerFor({ isLent }: Pick<ServerPolicy, 'isLent'>, caller: PolicyCaller): PolicyCaller {
  return isLent === undefined ? caller : toCallerFromElsewhere(caller);
}

/** Returns the tool under the name that another server or the catalogue uses. */
export function toPolicyTool({ toolkit, nameInToolkit, annotations }: Tool, name: string): PolicyTool {
  return { name, toolkit, nameInToolkit, annotations };
}

/** Returns undefined for a policy that neither decides nor limits anything. */
function toServerPolicy(serverId: string, policy: Policy | undefined): ServerPolicy | undefined {
  if (policy === undefined) return undefined;
  const { unmatched, rules, limits } = policy;
  const saysNothing = unmatched === 'allow' && rules.length === 0 && limits.length === 0;
  return saysNothing ? undefined : { serverId, policy: compilePolicy(policy) };
}

import { capacityRules } from './capacity-rules.ts';
import { networkRules } from './network-policy-rules.ts';
import { podRules } from './pod-rules.ts';
import type { KubernetesManifest } from './read-manifests.ts';
import { secretRules } from './secret-rules.ts';
import { uptimeRules } from './uptime-rules.ts';

/** Returns the names of the objects that break the rule; none if it holds. */
export type ManifestRule = (manifests: KubernetesManifest[]) => string[];

/** The rules for the rendered manifests of every overlay, each named by a sentence. */
export const rules: Record<string, ManifestRule> = { ...podRules, ...secretRules, ...networkRules };

/** Further rules for the overlays that serve customers. */
export const productionRules: Record<string, ManifestRule> = { ...uptimeRules, ...capacityRules };

import { capacityRules } from './capacity-rules.ts';
import { networkRules } from './network-policy-rules.ts';
import { podRules } from './pod-rules.ts';
import type { Manifest } from './read-manifests.ts';
import { secretRules } from './secret-rules.ts';
import { uptimeRules } from './uptime-rules.ts';

/** Names of the objects that break a rule, none when it holds. */
export type Rule = (manifests: Manifest[]) => string[];

/** What has to be true of the rendered manifests of every overlay: a sentence each. */
export const rules: Record<string, Rule> = { ...podRules, ...secretRules, ...networkRules };

/** And of those that serve customers. */
export const productionRules: Record<string, Rule> = { ...uptimeRules, ...capacityRules };

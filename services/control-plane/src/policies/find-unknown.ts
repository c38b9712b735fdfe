import type { Policy } from '@toolplane/contracts';
import { compileToolNames, type PolicyTool } from '@toolplane/policy';
import { nearestSlugs } from '../selected-tools/nearest-slugs.ts';

/** A probable mistake in a policy. */
export type PolicyWarning = { path: string; message: string; suggestions: string[] };

/** Nobody would read more. */
export const WARNINGS_MAX = 50;

/** Warnings about tools that the server does not offer at present, but may offer later. */
export function findUnknownTools({ rules, limits }: Policy, offered: readonly PolicyTool[]): PolicyWarning[] {
  const names = offered.flatMap(({ name, toolkit, nameInToolkit }) =>
    toolkit === undefined ? [name] : [name, `${toolkit}.${nameInToolkit ?? name}`],
  );
  const toolkits = [...new Set(offered.flatMap(({ toolkit }) => toolkit ?? []))];
  const warnings: PolicyWarning[] = [];
  const warn = (path: string, pattern: string, what: string, candidates: string[]) => {
    if (warnings.length >= WARNINGS_MAX) return;
    const suggestions = pattern.includes('*') ? [] : nearestSlugs(pattern, candidates);
    warnings.push({ path, message: `The server offers no ${what} ${pattern} at present`, suggestions });
  };
  for (const [list, all] of [
    ['rules', rules],
    ['limits', limits],
  ] as const) {
    for (const [index, { tools }] of all.entries()) {
      for (const [at, pattern] of (tools?.names ?? []).entries()) {
        const matches = compileToolNames([pattern]);
        // What the server offers besides tools is not listed here.
        const isOfOthers = /^(?:prompt|resource)[:*]/.test(pattern);
        if (!isOfOthers && !offered.some(matches))
          warn(`policy.${list}.${index}.tools.names.${at}`, pattern, 'tool', names);
      }
      for (const [at, pattern] of (tools?.toolkits ?? []).entries()) {
        const matches = compileToolNames([pattern]);
        if (toolkits.some((name) => matches({ name }))) continue;
        warn(`policy.${list}.${index}.tools.toolkits.${at}`, pattern, 'toolkit', toolkits);
      }
    }
  }
  return warnings;
}

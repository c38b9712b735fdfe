import type { Policy } from '@toolplane/contracts';
import { compileToolNames, type PolicyTool } from '@toolplane/policy';
import { nearestSlugs } from '../../catalogue/nearest-slugs.ts';

/** A probable mistake in a policy. */
export type PolicyWarning = { path: string; message: string; suggestions: string[] };

/** Limit of warnings, because nobody would read more. */
export const WARNINGS_MAX = 50;

const PROMPT = 'prompt:';
const RESOURCE = 'resource:';

/** What a server offers. The names of prompts and resources are those of their plans: `prompt:…`, `resource:…`. */
export type Offered = { tools: readonly PolicyTool[]; promptsAndResources: readonly string[] };

/** Lists the names of prompts and resources among the plans of a server. */
export const listPromptsAndResources = (plans: readonly { tool: string }[]): string[] =>
  plans.map(({ tool }) => tool).filter((name) => name.startsWith(PROMPT) || name.startsWith(RESOURCE));

/** Warns about tools, prompts and resources that the server does not offer at present, but may offer later. */
export function findUnknownTools(
  { rules, limits }: Policy,
  { tools: offered, promptsAndResources }: Offered,
): PolicyWarning[] {
  const names = offered.flatMap(({ name, toolkit, nameInToolkit }) =>
    toolkit === undefined ? [name] : [name, `${toolkit}.${nameInToolkit ?? name}`],
  );
  const toolkits = [...new Set(offered.flatMap(({ toolkit }) => toolkit ?? []))];
  const warnings: PolicyWarning[] = [];
  const warn = (path: string, pattern: string, what: string, candidates: string[]) => {
    if (warnings.length >= WARNINGS_MAX) return;
    const suggestions = pattern.includes('*') ? [] : nearestSlugs(pattern, candidates);
    warnings.push({ path, message: `The server offers no ${what} at present`, suggestions });
  };
  for (const [list, all] of [
    ['rules', rules],
    ['limits', limits],
  ] as const) {
    for (const [index, { tools }] of all.entries()) {
      for (const [at, pattern] of (tools?.names ?? []).entries()) {
        const matches = compileToolNames([pattern]);
        if (offered.some(matches) || promptsAndResources.some((name) => matches({ name }))) continue;
        const path = `policy.${list}.${index}.tools.names.${at}`;
        const kind = [PROMPT, RESOURCE].find((prefix) => pattern.startsWith(prefix));
        if (kind === undefined) warn(path, pattern, `tool ${pattern}`, names);
        else
          warn(
            path,
            pattern,
            pattern,
            promptsAndResources.filter((name) => name.startsWith(kind)),
          );
      }
      for (const [at, pattern] of (tools?.toolkits ?? []).entries()) {
        const matches = compileToolNames([pattern]);
        if (toolkits.some((name) => matches({ name }))) continue;
        warn(`policy.${list}.${index}.tools.toolkits.${at}`, pattern, `toolkit ${pattern}`, toolkits);
      }
    }
  }
  return warnings;
}

import type { CompiledDocument, Reference } from '@toolplane/compiler';
import type { Diagnostic, Plan } from '@toolplane/contracts';

type Source = { definition: string; references: readonly Reference[] };

/** What a document is compiled for. */
type Settings = {
  secretNames: readonly string[];
  allowedHosts: readonly string[];
  sourceServers: Readonly<Record<string, string>>;
  slug?: string;
  mode?: 'NORMAL' | 'SMART';
};

type Compiled = {
  diagnostics: Diagnostic[];
  /** Names of the secrets that its tools send, whether the server has them or not; none for one that has problems. */
  secrets: string[];
};

export const noServer: Settings = { secretNames: [], allowedHosts: [], sourceServers: {} };

/** On this machine, as the platform does it. */
export async function compileForServer({ definition, references }: Source, settings: Settings): Promise<Compiled> {
  const { compileDocument } = await import('@toolplane/compiler');
  const ids = { workspaceId: 'unknown', serverId: 'unknown' };
  const { diagnostics, document } = compileDocument(definition, { ...ids, ...settings, references });
  return { diagnostics, secrets: document === undefined ? [] : listSecrets(document) };
}

function listSecrets({ tools, prompts = [], resources = [], resourceTemplates = [] }: CompiledDocument): string[] {
  const plans = [...tools, ...prompts, ...resources, ...resourceTemplates].map(({ plan }) => plan);
  return [...new Set(plans.flatMap(secretsOf))].sort();
}

function secretsOf({ steps, workflows = [] }: Plan): string[] {
  return [...steps, ...workflows.flatMap((workflow) => workflow.steps)].flatMap(({ secrets, tokens = [] }) => [
    ...secrets,
    ...tokens.map(({ secret }) => secret),
  ]);
}

import type { CompiledDocument, Reference } from '@toolplane/compiler';
import type { Diagnostic, Plan } from '@toolplane/contracts';

type Source = { definition: string; references: readonly Reference[] };

type Compiled = {
  diagnostics: Diagnostic[];
  /** Names of the secrets that its tools send; none for one that has problems. */
  secrets: string[];
};

const noServer = {
  workspaceId: 'unknown',
  serverId: 'unknown',
  secretNames: [],
  allowedHosts: [],
  sourceServers: {},
};

/** On this machine, as the platform does it, for no server that it knows. */
export async function compileDocument({ definition, references }: Source): Promise<Compiled> {
  const compiler = await import('@toolplane/compiler');
  const { diagnostics, document } = compiler.compileDocument(definition, { ...noServer, references });
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

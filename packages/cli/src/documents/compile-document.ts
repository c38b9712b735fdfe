import type { CompiledDocument, Reference } from '@toolplane/compiler';
import type { Diagnostic, Plan } from '@toolplane/contracts';

type Source = { definition: string; references: readonly Reference[] };

type Compiled = {
  diagnostics: Diagnostic[];
  /** The names of the secrets that its tools send. Empty for a document with problems. */
  secrets: string[];
};

const noServer = {
  workspaceId: 'unknown',
  serverId: 'unknown',
  secretNames: [],
  allowedHosts: [],
  sourceServers: {},
};

/** Compiles a document on this machine, in the same way as the platform, but without knowledge of a server. */
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

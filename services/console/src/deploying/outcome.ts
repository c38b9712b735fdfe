import type { ApiClient, McpServer } from '@toolplane/api-client';
import type { Diagnostic } from '@toolplane/contracts';
import { ApiError } from '../api/api-error.ts';
import { diagnosticsOf } from '../documents/diagnostics-of.ts';
import type { Source } from './draft.ts';

/** The result of checking or deploying a document. */
export type DeployOutcome = {
  kind: 'valid' | 'invalid' | 'deployed' | 'unchanged' | 'refused';
  diagnostics: readonly Diagnostic[];
  /** The text to which the diagnostics refer. */
  definition: string;
  deploymentId?: string;
};

/** Returns the same result as deploying. */
export async function check(api: ApiClient, { id }: McpServer, source: Source): Promise<DeployOutcome> {
  const body = { ...source, server: id };
  const { data } = await api.POST('/documents/validate', { body });
  return { kind: data.valid ? 'valid' : 'invalid', diagnostics: data.diagnostics, definition: source.definition };
}

/** A refused document is a regular answer: its list of problems is the result. */
export async function deploy(api: ApiClient, { id }: McpServer, source: Source): Promise<DeployOutcome> {
  const { definition } = source;
  try {
    const { data } = await api.POST('/mcp-servers/{id}/deploy', { params: { path: { id } }, body: source });
    if (data === undefined) return { kind: 'unchanged', diagnostics: [], definition };
    return { kind: 'deployed', diagnostics: data.diagnostics, definition, deploymentId: data.id };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'invalid_document') throw error;
    return { kind: 'refused', diagnostics: diagnosticsOf(error), definition };
  }
}

/** For instance `2 errors and 1 warning`. Undefined if there are none. */
export function count(diagnostics: readonly Diagnostic[]): string | undefined {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const parts = [toAmount(errors, 'error'), toAmount(diagnostics.length - errors, 'warning')];
  return parts.flatMap((part) => part ?? []).join(' and ') || undefined;
}

function toAmount(amount: number, noun: string): string | undefined {
  if (amount === 0) return undefined;
  return amount === 1 ? `1 ${noun}` : `${amount} ${noun}s`;
}

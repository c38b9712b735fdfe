import { AppError } from '@toolplane/contracts';
import { matchesHost } from '../egress/host-pattern.ts';
import type { Run } from './run.ts';
import { type NamedSecret, type StepCredentials, untilAborted } from './step-secrets.ts';

/**
 * Returns the credentials to try after the upstream at `url` refused these: the current ones, if they differ; otherwise
 * the versions that were used before, if they may still be used there. Returns undefined if there are none, or if they
 * cannot be determined: the existing response is more informative.
 */
export async function findOtherCredentials(
  run: Run,
  { refused, url, resolve }: { refused: StepCredentials; url: URL; resolve: () => Promise<StepCredentials> },
): Promise<StepCredentials | undefined> {
  if (refused.secrets.length === 0 && refused.tokens.length === 0) return undefined;
  try {
    const current = await resolve();
    return isSame(current, refused) ? await findPrevious(run, current, url) : current;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function isSame(current: StepCredentials, refused: StepCredentials): boolean {
  const known = [...refused.secrets, ...refused.tokens];
  return [...current.secrets, ...current.tokens].every(({ name, value }) => {
    const before = known.find((secret) => secret.name === name);
    return before !== undefined && (before.value === value || before.value.reveal() === value.reveal());
  });
}

async function findPrevious(run: Run, current: StepCredentials, url: URL): Promise<StepCredentials | undefined> {
  const kept = Promise.all(current.secrets.map((secret) => previousOf(run, secret, url)));
  const secrets = await untilAborted(kept, run.call.signal);
  if (secrets.every((secret) => secret === undefined)) return undefined;
  return { ...current, secrets: current.secrets.map((secret, index) => secrets[index] ?? secret) };
}

async function previousOf(
  { prepared, services }: Run,
  { name, previous }: NamedSecret,
  url: URL,
): Promise<NamedSecret | undefined> {
  if (previous === undefined || previous.until <= services.clock.now()) return undefined;
  const { workspaceId, serverId } = prepared.plan;
  const kept = await services.secrets.get({ workspaceId, serverId, name, version: previous.version });
  return kept !== undefined && matchesHost(kept.hosts, url) ? { ...kept, name } : undefined;
}

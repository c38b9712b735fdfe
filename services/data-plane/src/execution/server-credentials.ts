import { findOtherCredentials } from './other-credentials.ts';
import type { CredentialSource, RequestStep } from './request-step.ts';
import type { Run } from './run.ts';
import { withinStep } from './send-in-time.ts';
import { resolveCredentials, type StepCredentials } from './step-secrets.ts';

/** The secrets of the server that a step names, and tokens that are obtained with them. */
export function createServerCredentials(run: Run, step: RequestStep): CredentialSource<StepCredentials> {
  const { prepared, services, call } = run;
  const { workspaceId, serverId } = prepared.plan;
  const { clock } = services;

  function resolve(endsAt: number): Promise<StepCredentials> {
    if (step.tokens.length === 0) return resolveCredentials(step, prepared.plan, services, call.signal);
    return withinStep(run, endsAt - clock.now(), (signal) => resolveCredentials(step, prepared.plan, services, signal));
  }

  return {
    endsAt: () => clock.now() + step.timeoutMs,
    resolve,
    use({ secrets, clients, tokens }, edit) {
      for (const secret of [...secrets, ...clients, ...tokens]) run.secretsUsed.set(secret.value, secret);
      return { sent: [...secrets, ...tokens], edit };
    },
    noteUse({ secrets, clients }) {
      return [...secrets, ...clients]
        .map(({ name, version }) => {
          services.noteSecretUse({ workspaceId, serverId, name, version });
          return `${name}@${version}`;
        })
        .sort();
    },
    expire({ secrets, clients, tokens }) {
      for (const { name } of [...secrets, ...clients]) services.secrets.expire({ workspaceId, serverId, name });
      for (const token of tokens) services.tokens.expire(token);
    },
    findOthers: (refused, url, endsAt) => findOtherCredentials(run, { refused, url, resolve: () => resolve(endsAt) }),
  };
}

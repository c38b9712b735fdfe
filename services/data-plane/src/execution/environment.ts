/*
 * The environment of a debug session: it replaces hosts and secrets that a document names with others, only for the
 * calls of the session's run endpoint. All rules for hosts and secrets apply to the replacements.
 */
import { AppError, type DebugEnvironment, type Plan, type SecretRef } from '@toolplane/contracts';
import type { RunServices } from './run.ts';

export type Environment = {
  /** Returns the URL with its origin replaced, if the environment replaces it. */
  move(url: URL): URL;
  /** The origins that are replaced: nothing is sent to them, not even after a redirect. */
  readonly left: ReadonlySet<string>;
  toSecretName(name: string): string;
  /** Separates values that are fetched in this environment from values fetched in others. */
  readonly key: string;
  /** Tells the debugger, in sentences, which replacements were used so far and which were not. */
  notes(): string[];
};

export function createEnvironment({ hosts = {}, secrets = {} }: DebugEnvironment): Environment {
  const targets = new Map(Object.entries(hosts).map(([from, to]) => [new URL(from).origin, { from, to: new URL(to) }]));
  const names = new Map(Object.entries(secrets));
  const all = [...Object.entries(hosts), ...Object.entries(secrets)];
  const used = new Set<string>();
  return {
    left: new Set(targets.keys()),
    key: JSON.stringify([hosts, secrets]),
    move(url) {
      const target = targets.get(url.origin);
      if (target === undefined) return url;
      used.add(target.from);
      const moved = new URL(url);
      moved.protocol = target.to.protocol;
      moved.hostname = target.to.hostname;
      // A host without a port would keep the port of the URL.
      moved.port = target.to.port;
      return moved;
    },
    toSecretName(name) {
      const other = names.get(name);
      if (other === undefined) return name;
      used.add(name);
      return other;
    },
    notes: () =>
      all.map(([from, to]) =>
        used.has(from)
          ? `Environment: ${to} replaced ${from}`
          : `Environment: ${to} replaced nothing, because this run did not use ${from}`,
      ),
  };
}

/**
 * Returns the services of a run, adapted to this environment. Templates still name secrets in the same way as the
 * document.
 */
export function servicesIn(
  environment: Environment,
  services: RunServices,
  { workspaceId, serverId }: Pick<Plan, 'workspaceId' | 'serverId'>,
): RunServices {
  const moveText = (url: string) => {
    const parsed = URL.parse(url);
    return parsed === null ? url : environment.move(parsed).href;
  };
  /** Applies only to the server's own secrets. Credentials of connections have no replacements. */
  const switched = <Ref extends SecretRef>(ref: Ref): Ref =>
    ref.workspaceId === workspaceId && ref.serverId === serverId
      ? { ...ref, name: environment.toSecretName(ref.name) }
      : ref;
  return {
    ...services,
    secrets: {
      get: (ref) => services.secrets.get(switched(ref)),
      expire: (ref) => services.secrets.expire(switched(ref)),
    },
    noteSecretUse: (ref) => services.noteSecretUse(switched(ref)),
    tokens: {
      ...services.tokens,
      get: (need, secret, ref) =>
        services.tokens.get({ ...need, tokenUrl: moveText(need.tokenUrl) }, secret, switched(ref)),
    },
    exchange: {
      ...services.exchange,
      get: (need) =>
        services.exchange.get({ ...need, token: { ...need.token, tokenUrl: moveText(need.token.tokenUrl) } }),
    },
    grants: {
      ...services.grants,
      getAccessToken: async (need) => {
        refuseSignIn(environment, need.token.tokenUrl);
        return services.grants.getAccessToken(need);
      },
    },
    chains: { ...services.chains, get: (need) => services.chains.get({ ...need, environment }) },
  };
}

/**
 * Throws if the token endpoint is replaced: another authorization server does not know the grant, and a refresh token
 * that is used there is lost here.
 */
function refuseSignIn({ move }: Environment, tokenUrl: string): void {
  const url = URL.parse(tokenUrl);
  if (url === null || move(url) === url) return;
  const message = 'A person has signed in at a host that the environment of the debug session replaces';
  throw new AppError('secret_host_denied', message);
}

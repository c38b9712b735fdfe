import { type DebugEnvironment, notValid } from '@toolplane/contracts';
import { nearestSlugs } from '../../catalogue/nearest-slugs.ts';

/**
 * Checks that no replacement is itself replaced, so that the order does not matter, and that both names of a secret
 * belong to this server. Which hosts may be reached, and with which secrets, is decided where requests are sent.
 */
export function checkEnvironment({ hosts = {}, secrets = {} }: DebugEnvironment, secretNames: readonly string[]): void {
  const details = [
    ...listReplaced(hosts, 'body.environment.hosts'),
    ...listReplaced(secrets, 'body.environment.secrets'),
    ...Object.entries(secrets).flatMap(([name, other]) => {
      const path = `body.environment.secrets.${name}`;
      return [
        ...(secretNames.includes(name) ? [] : [unknownSecret(path, name, secretNames)]),
        ...(secretNames.includes(other) ? [] : [unknownSecret(path, other, secretNames)]),
      ];
    }),
  ];
  if (details.length > 0) throw notValid(details);
}

function listReplaced(replacements: Readonly<Record<string, string>>, path: string) {
  return Object.entries(replacements)
    .filter(([, other]) => Object.hasOwn(replacements, other))
    .map(([name, other]) => ({ path: `${path}.${name}`, message: `${other} is itself replaced` }));
}

function unknownSecret(path: string, name: string, secretNames: readonly string[]) {
  return { path, message: `${name} is not a secret of this server`, suggestions: nearestSlugs(name, secretNames) };
}

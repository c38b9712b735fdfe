import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { SecurityNeed } from '../../openapi/model.ts';
import type { SourceDescription } from '../model.ts';
import type { FoundOperation } from '../sources/find-operation.ts';
import type { CompiledWorkflow } from './link-plan.ts';
import { secretNameOf } from './security.ts';

/** What source descriptions say about their OpenAPI documents, against the operations that are used of these. */
export function checkSourceSettings(compiled: readonly CompiledWorkflow[]): void {
  const operations = compiled.flatMap((workflow) => workflow.operations);
  const bySource = Map.groupBy(operations, ({ source }) => source);
  for (const [source, used] of bySource) {
    const variables = distinct(used, ({ operation }) => operation.servers).flatMap((each) =>
      Object.keys(each.variables),
    );
    const unknownVariable = 'No server of the operations in use has the variable';
    warnOfOthers(source, 'x-server-variables', variables, 'unknown_variable', unknownVariable);
    const schemes = needsOf(used).map(({ schemeName }) => schemeName);
    const unknownScheme = 'None of the operations in use has the security scheme';
    warnOfOthers(source, 'x-secrets', schemes, 'unknown_scheme', unknownScheme);
  }
  checkSecretNames(bySource);
}

function needsOf(used: FoundOperation[]): SecurityNeed[] {
  return distinct(used, ({ operation }) => operation.security).flat();
}

/** Most operations have the same list, that of their document. */
function distinct<Item>(used: FoundOperation[], listOf: (found: FoundOperation) => Item[]): Item[] {
  return [...new Set(used.map(listOf))].flat();
}

function warnOfOthers(source: SourceDescription, key: string, known: string[], code: string, message: string): void {
  const names = [...new Set(known)];
  for (const [name, part] of membersOf(source.part.member(key))) {
    if (names.includes(name)) continue;
    part.warn(code, `${message} "${name}"`, suggestName(name, names, 'Available'), { at: 'key' });
  }
}

function membersOf(part: Part | undefined): [string, Part][] {
  return typeof part?.value === 'object' ? part.entries() : [];
}

type Owner = { source: SourceDescription; api: FoundOperation['api'] | undefined; schemeName: string };

/**
 * Two names can be made into one, and the secret of one API would go to the other. A name that somebody wrote is meant.
 */
function checkSecretNames(bySource: ReadonlyMap<SourceDescription, FoundOperation[]>): void {
  const owners = new Map<string, Owner>();
  for (const [source, used] of bySource) {
    const api = used[0]?.api;
    for (const need of needsOf(used)) {
      const { schemeName } = need;
      if (Object.hasOwn(source.secrets, schemeName)) continue;
      const name = secretNameOf(need, source);
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, { source, api, schemeName });
      else if (owner.api !== api || owner.schemeName !== schemeName) reportSame(name, source, schemeName, owner);
    }
  }
}

/** Documents that come together name one API alike, so only the deployer can say there what is meant. */
function reportSame(name: string, source: SourceDescription, schemeName: string, owner: Owner): void {
  const hint = `Name another secret for one of them with x-secrets: { ${schemeName}: … }.`;
  if (source.name === owner.source.name && schemeName === owner.schemeName) {
    const message = `The secret "${name}" is also used by source "${source.name}" of another document`;
    source.part.warn('shared_secret', message, hint);
    return;
  }
  const message =
    `The secret "${name}" would be used for scheme "${owner.schemeName}" of source "${owner.source.name}" ` +
    `and for scheme "${schemeName}" of source "${source.name}"`;
  source.part.error('secret_collision', message, hint);
}

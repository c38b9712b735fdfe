import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { SecurityNeed } from '../../openapi/model.ts';
import type { SourceDescription } from '../model.ts';
import type { FoundOperation } from '../sources/find-operation.ts';
import type { CompiledWorkflow } from './link-plan.ts';
import { secretNameOf } from './security.ts';

/** Checks what source descriptions declare about their OpenAPI documents against the operations that are used. */
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

/** Most operations share one list, which is that of their document. */
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
 * Two schemes can result in the same secret name, and the secret of one API would be sent to the other. A name that is
 * written explicitly is intended.
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

/**
 * Documents that are deployed together may use the same name for the same API, so only the deployer knows whether the
 * secret is meant for both.
 */
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

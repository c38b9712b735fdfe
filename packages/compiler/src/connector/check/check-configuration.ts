import { suggestName } from '../../document/suggest-name.ts';
import type { InstanceConfiguration } from '../compile/fill-configuration.ts';
import type { Connector } from '../descriptor/connector-schema.ts';
import { keysIn } from '../descriptor/credential-templates.ts';
import type { DescriptorDraft } from '../descriptor/draft.ts';
import { fieldProblem } from './check-fields.ts';

const PREFIX = 'config.';

/**
 * Checks that the configuration of an instance has values of the declared types and no unknown keys. Returns the
 * reported keys.
 */
export function checkConfiguration(draft: DescriptorDraft, configuration: InstanceConfiguration): Set<string> {
  const reported = new Set<string>();
  const report = (key: string, index: number | undefined, code: string, message: string, hint: string) => {
    const path = index === undefined ? [] : [index];
    draft.at('metadata', 'configuration', ...path).error(code, message, hint);
    reported.add(key);
  };
  const { configuration: fields } = draft.connector.metadata;
  for (const [index, field] of fields.entries()) {
    const { key } = field;
    const value = Object.hasOwn(configuration, key) ? configuration[key] : undefined;
    const hint = `Set "${key}" in the configuration of the instance.`;
    if (value === undefined || value === '') {
      if (!field.required || field.default_value !== undefined) continue;
      report(key, index, 'missing_configuration', `The configuration has no "${key}"`, hint);
      continue;
    }
    const problem = fieldProblem(field, value);
    if (problem !== undefined)
      report(key, index, 'invalid_configuration', `The configuration "${key}" ${problem}`, hint);
  }
  const declared = new Set(fields.map(({ key }) => key));
  const undeclared = Object.keys(configuration).filter((key) => !declared.has(key));
  if (undeclared.length === 0) return reported;
  const known = new Set([...declared, ...keysInUrls(draft.connector)]);
  for (const key of undeclared.filter((each) => !known.has(each))) {
    const hint = suggestName(key, [...known], 'It has')();
    const message = `The connector has no configuration "${key.slice(0, 100)}"`;
    report(key, undefined, 'unknown_configuration', message, hint);
  }
  return reported;
}

/** Warns of optional fields that URLs use: no URL can omit one of its parts, whatever the field declares. */
export function checkOptionalFields(draft: DescriptorDraft): void {
  const inUrls = new Set(keysInUrls(draft.connector));
  for (const [index, { key, required, default_value: value }] of draft.connector.metadata.configuration.entries()) {
    if (required || value !== undefined || !inUrls.has(key)) continue;
    const message = `The configuration "${key}" is optional but used in a URL: no instance can leave it out`;
    const hint = 'Write required: true, or give it a default_value.';
    draft.at('metadata', 'configuration', index).warn('optional_configuration', message, hint);
  }
}

/** Returns the keys of all `{config.<key>}` in URLs. */
function keysInUrls({ operations, authentication, credential_chains: chains }: Connector): string[] {
  const urls = [
    ...operations.map(({ endpoint }) => endpoint),
    ...authentication.flatMap((each) => [
      ...(each.test_endpoint === undefined ? [] : [each.test_endpoint.url]),
      ...('token_url' in each ? [each.token_url] : []),
      ...('authorization_url' in each ? [each.authorization_url] : []),
    ]),
    ...chains.flatMap(({ steps }) => steps.map(({ request }) => request.url)),
  ];
  return keysIn(urls).flatMap((key) => (key.startsWith(PREFIX) ? [key.slice(PREFIX.length)] : []));
}

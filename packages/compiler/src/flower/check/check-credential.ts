import { secretNameSchema } from '@toolplane/contracts';
import type { FoundReference } from '@toolplane/expressions';
import { suggestName } from '../../document/suggest-name.ts';
import type { ReferenceContext, ReferenceLocation } from './reference-context.ts';

/** Checks `$secrets.…`, `$current_user.token` and `$config.…`, which may be sent upstream but never shown. */
export function checkCredential(
  reference: FoundReference,
  location: ReferenceLocation,
  { secretNames, report }: ReferenceContext,
): void {
  const { path, text, isJmespath } = reference;
  const [root, name] = path;
  if (location.kind !== 'request') {
    const hint = 'Secrets, the token of the user and configuration values can be used only in requests.';
    report('error', 'credential_in_output', `${text} cannot be used in ${described[location.kind]}`, hint);
  }
  if (isJmespath) {
    report(
      'error',
      'credential_in_jmespath',
      `${text} cannot be used in a JMESPath expression`,
      `Write ${text} alone.`,
    );
  }
  if (path.length !== 2) {
    report('error', 'unknown_reference', `${text} does not name a single value`, lengthHint(reference));
  } else if (root === 'secrets') {
    checkSecret(name ?? '', secretNames, report);
  } else if (root === 'config' && /^\$current_?[uU]ser\./.test(text)) {
    const hint = `Write $config.${name}.`;
    report('warn', 'old_config_reference', `${text} is the older form of a configuration value`, hint);
  } else if (root === 'current_user' && location.kind === 'request') {
    const hint =
      'A connector of type oauth2_token_exchange exchanges it instead; a secret of the server needs no token of the caller.';
    report('warn', 'caller_token_passed_on', `${text} passes the token of the caller to the API unchanged`, hint);
  }
}

const described = {
  'step output': 'an output',
  output: 'an output',
  content: 'content',
  question: 'a question',
  analytics: 'analytics',
  condition: 'a condition',
};

function lengthHint({ path: [root, name, ...rest], text }: FoundReference): string {
  if (name === undefined) return root === 'current_user' ? 'Write $current_user.token.' : `Write ${text}.<NAME>.`;
  const start = text.slice(0, text.length - rest.join('.').length - 1);
  return `To continue with text after it, write {${start}}.${rest.join('.')}`;
}

function checkSecret(name: string, secretNames: readonly string[], report: ReferenceContext['report']): void {
  if (!secretNameSchema.safeParse(name).success) {
    const hint = 'A name starts with a letter, followed by letters, digits and underscores.';
    report('error', 'invalid_secret_name', `"${name}" cannot be the name of a secret`, hint);
  } else if (!secretNames.includes(name)) {
    const hint = suggestName(name, secretNames, 'Store it before the first call; the stored ones are');
    report('warn', 'unknown_secret', `The server has no secret "${name}" yet`, hint);
  }
}

import type { Diagnostic } from '@toolplane/contracts';
import { type Chosen, nameOf, type Skipped } from './choose-operations.ts';
import type { ImportedOperation } from './import-operation.ts';
import type { Cut } from './schemas/write-schema.ts';

/** The operations of an import, whatever became of each. */
export type ImportedOperations = {
  imported: ImportedOperation[];
  skipped: Skipped[];
  unknown: Chosen['unknown'];
};

/**
 * Facts about the connector: whether it has any authentication, whether one was provided in vain, and which OAuth URLs
 * it cannot use.
 */
type AuthenticationFacts = { hasAuthentication: boolean; isGivenUnused: boolean; unusableUrls: readonly string[] };

/** Nobody reads more than this. */
const LEFT_OUT_MAX = 100;
const NAMED_MAX = 5;

const cuts: Readonly<Record<Cut, [code: string, what: string, hint: string]>> = {
  cycle: [
    'schema_cut',
    'schemas that refer to themselves: inside, they allow anything',
    'No change is needed: the API checks what is sent.',
  ],
  depth: [
    'schema_cut',
    'schemas that nest too deeply or are too large: inside, they allow anything',
    'No change is needed: the API checks what is sent.',
  ],
  size: [
    'schema_cut',
    'schemas that are too large: the part beyond the limit allows anything',
    'Write the schemas of these operations by hand.',
  ],
  reference: [
    'broken_reference',
    'schemas with a "$ref" that leads nowhere: there, they allow anything',
    'Repair the document, or write the schemas by hand.',
  ],
  pattern: [
    'unsupported_pattern',
    'patterns that cannot be checked here: they are left out',
    'No change is needed: the API checks what is sent.',
  ],
};

/**
 * Returns the diagnostics of an import: errors for requested things that do not exist, warnings for what is missing.
 */
export function listDiagnostics(
  { imported, unknown }: ImportedOperations,
  { hasAuthentication, isGivenUnused, unusableUrls }: AuthenticationFacts,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = unknown.map(({ what, name, hint }) => {
    return toDiagnostic('error', `unknown_${what}`, '', `The document has no ${what} "${name.slice(0, 200)}"`, hint);
  });
  if (!hasAuthentication && imported.length > 0) {
    const message = 'The document names no credentials for these operations: requests are sent without any';
    const hint = 'If the API needs some, say which with options.authentication, for instance {"type": "bearer"}.';
    diagnostics.push(toDiagnostic('warning', 'no_authentication', '', message, hint));
  }
  if (isGivenUnused) {
    const message =
      'The document says of every operation which credentials it needs: options.authentication has no effect';
    diagnostics.push(
      toDiagnostic('warning', 'unused_authentication', '', message, 'Leave it out, or correct the document.'),
    );
  }
  for (const url of unusableUrls) {
    const message = `The OAuth URL ${JSON.stringify(url.slice(0, 200))} is not an https URL: somebody has to paste a token`;
    const hint = 'Correct it in the document, or write the authentication by hand.';
    diagnostics.push(toDiagnostic('warning', 'insecure_token_url', '', message, hint));
  }
  for (const [cut, [code, what, hint]] of Object.entries(cuts) as [Cut, (typeof cuts)[Cut]][]) {
    const affected = imported.filter((each) => each.cuts.has(cut)).map(({ source }) => nameOf(source));
    if (affected.length > 0)
      diagnostics.push(toDiagnostic('warning', code, '', `${thoseThatHave(affected)} ${what}`, hint));
  }
  const signedIn = imported.filter(({ leftToSignIn }) => leftToSignIn.length > 0);
  if (signedIn.length > 0) {
    const names = [...new Set(signedIn.flatMap(({ leftToSignIn }) => leftToSignIn))].slice(0, NAMED_MAX).join(', ');
    const affected = signedIn.map(({ source }) => nameOf(source));
    const message = `${thoseThatHave(affected)} parameters for credentials (${names})`;
    const hint = 'They are left out: the credentials of the connection are sent as its authentication says.';
    diagnostics.push(toDiagnostic('warning', 'credential_parameter', '', message, hint));
  }
  const otherwise = imported.filter((each) => each.sentOtherwise.length > 0);
  for (const { source, sentOtherwise } of otherwise.slice(0, LEFT_OUT_MAX)) {
    const message = `${nameOf(source)} does not send everything as the document says: ${sentOtherwise.join('; ')}`;
    const hint = 'Try the operation: most APIs read it in the same way.';
    diagnostics.push(toDiagnostic('warning', 'sent_otherwise', source.pointer, message.slice(0, 1000), hint));
  }
  const incomplete = imported.filter(({ leftOut }) => leftOut.length > 0);
  for (const { source, leftOut } of incomplete.slice(0, LEFT_OUT_MAX)) {
    const message = `${nameOf(source)} leaves out what cannot be sent: ${[...new Set(leftOut)].join('; ')}`;
    const hint = 'Calls without it work; the document says that it is optional.';
    diagnostics.push(toDiagnostic('warning', 'parameter_left_out', source.pointer, message.slice(0, 1000), hint));
  }
  if (incomplete.length > LEFT_OUT_MAX) {
    const message = `${incomplete.length - LEFT_OUT_MAX} more operations are without something that cannot be sent`;
    diagnostics.push(
      toDiagnostic('warning', 'parameter_left_out', '', message, 'Import fewer operations to see all of them.'),
    );
  }
  return diagnostics;
}

function thoseThatHave(names: string[]): string {
  if (names.length === 1) return `1 operation (${names[0]}) has`;
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return `${names.length} operations (${names.slice(0, NAMED_MAX).join(', ')}${more}) have`;
}

function toDiagnostic(
  severity: Diagnostic['severity'],
  code: string,
  pointer: string,
  message: string,
  hint: string,
): Diagnostic {
  return { severity, code, message, hint, pointer, line: 1, column: 1 };
}

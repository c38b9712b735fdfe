import type { Diagnostic } from '@toolplane/contracts';

/**
 * `file:line:column severity message [code]`, which editors and terminals turn into links, with the hint below. `files`
 * has the file of each source description. A source description without a file is shown by its name.
 */
export function toDiagnosticLines(
  diagnostics: readonly Diagnostic[],
  document: string,
  files: ReadonlyMap<string, string>,
): string[] {
  return diagnostics.flatMap(({ severity, code, message, hint, source, line, column }) => {
    const file = source === undefined ? document : (files.get(source) ?? source);
    return [`${file}:${line}:${column} ${severity} ${message} [${code}]`, ...(hint === '' ? [] : [`    ${hint}`])];
  });
}

/** For instance `2 errors, 1 warning`. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity']) => {
    const found = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return `${found} ${severity}${found === 1 ? '' : 's'}`;
  };
  return `${count('error')}, ${count('warning')}`;
}

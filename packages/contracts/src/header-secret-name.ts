/* No schema is near: the console uses this, and a page that builds schemas evaluates code, which its policy refuses. */

/** The secret of a server as which a sealed header for one of its external servers is stored, and for which it is sealed. */
export function toHeaderSecretName(externalServer: string, header: string): string {
  return `EXTERNAL_${externalServer}_${header}`.replaceAll('-', '_').toUpperCase();
}

/*
 * This file imports no schemas: it is used by the console, and building schemas evaluates code, which the console's
 * content security policy forbids.
 */

/**
 * The secret of a server for which a sealed header of one of its external servers is sealed, and as which it is stored.
 */
export function toHeaderSecretName(externalServer: string, header: string): string {
  return `EXTERNAL_${externalServer}_${header}`.replaceAll('-', '_').toUpperCase();
}

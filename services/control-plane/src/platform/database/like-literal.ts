/** Escapes text for `contains` and similar: Prisma passes it to LIKE unchanged. */
export function toLikeLiteral(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

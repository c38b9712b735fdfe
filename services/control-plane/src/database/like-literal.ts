/** For `contains` and its like: Prisma hands the text to LIKE as it is. */
export function toLikeLiteral(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

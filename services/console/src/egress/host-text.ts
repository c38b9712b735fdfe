import { violationsOf } from '../api/api-error.ts';

/**
 * The hosts in a text with one per line, without duplicates. Commas also separate hosts, and names are converted to
 * lower case.
 */
export function toHosts(text: string): string[] {
  const words = text.toLowerCase().split(/[\s,]+/);
  return [...new Set(words.filter((word) => word !== ''))];
}

/** The hosts sent as `field` (`config.allowedHosts`) that the API refused, with the reasons. */
export function toComplaints(error: unknown, field: string, sent: readonly string[]): string[] {
  return violationsOf(error).flatMap(({ path, message }) => {
    const [, named, index] = /^body\.([\w.]+)\.(\d+)$/.exec(path) ?? [];
    return named === field ? [`${sent[Number(index)]}: ${message}`] : [];
  });
}

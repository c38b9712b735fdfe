import { violationsOf } from '../api/api-error.ts';

/** The hosts of a text of one per line, once each; commas part them, too, and names have no upper case. */
export function toHosts(text: string): string[] {
  const words = text.toLowerCase().split(/[\s,]+/);
  return [...new Set(words.filter((word) => word !== ''))];
}

/** Which of the hosts that were sent as `field` the API refused, and why. */
export function toComplaints(error: unknown, field: string, sent: readonly string[]): string[] {
  return violationsOf(error).flatMap(({ path, message }) => {
    const [, named, index] = /^body\.(\w+)\.(\d+)$/.exec(path) ?? [];
    return named === field ? [`${sent[Number(index)]}: ${message}`] : [];
  });
}

/** People paste URLs; this takes the host from one. */
export function toSecretHost(text: string): string {
  const trimmed = text.trim().toLowerCase();
  return (trimmed.includes('://') ? URL.parse(trimmed)?.host : undefined) ?? trimmed;
}

/**
 * Checked here, as far as possible, before the value is sealed, so that nobody has to type a value twice because of a
 * slip.
 */
export function isSecretHost(text: string): boolean {
  return /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/.test(text);
}

/** People paste URLs, so this extracts the host from one. */
export function toSecretHost(text: string): string {
  const trimmed = text.trim().toLowerCase();
  return (trimmed.includes('://') ? URL.parse(trimmed)?.host : undefined) ?? trimmed;
}

/**
 * Checked here, as far as possible, before the value is sealed, so that a typo does not force anybody to enter a value
 * twice.
 */
export function isSecretHost(text: string): boolean {
  return /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/.test(text);
}

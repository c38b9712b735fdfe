/** People paste URLs: of one, its host. */
export function toSecretHost(text: string): string {
  const trimmed = text.trim().toLowerCase();
  return (trimmed.includes('://') ? URL.parse(trimmed)?.host : undefined) ?? trimmed;
}

/** As far as it can be told before it is sealed, so that nobody types a value twice for a slip here. */
export function isSecretHost(text: string): boolean {
  return /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/.test(text);
}

export const REQUEST_ID_LENGTH_MAX = 256;

export function isRequestId(id: unknown): id is string | number {
  return (typeof id === 'string' && id.length <= REQUEST_ID_LENGTH_MAX) || Number.isSafeInteger(id);
}

/** Returns the id of a message as it was sent, or null if it is not valid. */
export function idOf(message: unknown): string | number | null {
  const { id } = (message ?? {}) as { id?: unknown };
  return isRequestId(id) ? id : null;
}

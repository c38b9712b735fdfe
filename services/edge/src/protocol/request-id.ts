export const REQUEST_ID_LENGTH_MAX = 256;

export function isRequestId(id: unknown): id is string | number {
  return (typeof id === 'string' && id.length <= REQUEST_ID_LENGTH_MAX) || Number.isSafeInteger(id);
}

/** The id of a message, to be returned as it came; null unless it is valid. */
export function idOf(message: unknown): string | number | null {
  const { id } = (message ?? {}) as { id?: unknown };
  return isRequestId(id) ? id : null;
}

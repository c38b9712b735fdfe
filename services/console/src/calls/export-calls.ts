import { ApiError } from '../api/api-error.ts';

/** Of 5,000 calls each; all of them are in memory until they are saved. */
const PARTS_MAX = 10;

/** By hand, because a link could not say which workspace is meant. */
export async function exportCalls(
  workspaceId: string,
  query: Record<string, string>,
): Promise<{ file: Blob; isWhole: boolean }> {
  const parts: Blob[] = [];
  let cursor: string | null = null;
  do {
    const search = new URLSearchParams({ ...query, ...(cursor === null ? {} : { cursor }) });
    const response: Response = await fetch(`/api/v1/calls/export?${search}`, {
      headers: { 'x-workspace': workspaceId },
    });
    if (!response.ok) throw await toApiError(response);
    parts.push(await response.blob());
    cursor = response.headers.get('x-next');
  } while (cursor !== null && parts.length < PARTS_MAX);
  return { file: new Blob(parts, { type: 'application/x-ndjson' }), isWhole: cursor === null };
}

async function toApiError(response: Response): Promise<ApiError> {
  const { error } = await response.json().catch(() => ({}));
  const unreadable = { code: 'unreadable', message: `The platform answered ${response.status}.` };
  return new ApiError(response.status, error ?? unreadable);
}

import { ApiError } from './api-error.ts';
import { ask, toProblem } from './send.ts';

const SAVED_MS = 60_000;

export type Download = {
  workspaceId: string;
  /** Of the API. */
  path: string;
  query: Readonly<Record<string, string>>;
  /** The member of the query with which the next part is asked for. */
  next: string;
  /** All of them are in memory until they are saved. */
  partsMax?: number;
};

/**
 * Lines of JSON, part by part: each says in a header where the next begins. Not by a link, which could not say which
 * workspace is meant. Throws `ApiError`.
 */
export async function downloadLines(download: Download): Promise<{ file: Blob; isWhole: boolean }> {
  const { workspaceId, path, query, next, partsMax = Number.POSITIVE_INFINITY } = download;
  const parts: Blob[] = [];
  let position: string | null = null;
  do {
    const search = new URLSearchParams({ ...query, ...(position === null ? {} : { [next]: position }) });
    const response: Response = await getPart(`/api/v1${path}?${search}`, workspaceId);
    parts.push(await response.blob());
    position = response.headers.get('x-next');
  } while (position !== null && parts.length < partsMax);
  return { file: new Blob(parts, { type: 'application/x-ndjson' }), isWhole: position === null };
}

async function getPart(url: string, workspaceId: string): Promise<Response> {
  const response = await ask(url, { headers: { 'x-workspace': workspaceId } });
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new ApiError(response.status, toProblem(answer, response.status));
}

/** Gives a file to whoever looks at the page. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // Some browsers begin to read it only after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_MS);
}

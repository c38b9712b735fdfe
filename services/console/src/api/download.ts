import { send } from './send.ts';

const SAVED_MS = 60_000;

export type Download = {
  workspaceId: string;
  /** The path in the API. */
  path: string;
  query: Readonly<Record<string, string>>;
  /** Limits memory: all parts are kept there until they are saved. */
  partsMax?: number;
};

/**
 * Loads JSON Lines part by part: a header of each part says where the next one begins. A plain link cannot be used,
 * because it cannot specify the workspace. Throws `ApiError`.
 */
export async function downloadLines(download: Download): Promise<{ file: Blob; isWhole: boolean }> {
  const { workspaceId, path, query, partsMax = Number.POSITIVE_INFINITY } = download;
  const parts: Blob[] = [];
  let cursor: string | null = null;
  do {
    const search = new URLSearchParams({ ...query, ...(cursor === null ? {} : { cursor }) });
    const response: Response = await send(
      new Request(`/api/v1${path}?${search}`, { headers: { 'x-workspace': workspaceId } }),
    );
    parts.push(await response.blob());
    cursor = response.headers.get('x-next-cursor');
  } while (cursor !== null && parts.length < partsMax);
  return { file: new Blob(parts, { type: 'application/x-ndjson' }), isWhole: cursor === null };
}

/** Saves a file on the machine of the person who views the page. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // Some browsers start to read the file only after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_MS);
}

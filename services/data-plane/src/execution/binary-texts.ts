import { AppError, type JsonObject } from '@toolplane/contracts';

type BinaryText = { text: string; path: string };

/**
 * Finds the base64 texts of content, wherever MCP allows them: in a block, in the block of a message, and in a
 * resource.
 */
export function findBinaryTexts(part: JsonObject, path: string): BinaryText[] {
  return Object.entries(part).flatMap(([key, value]) => {
    const at = `${path}/${key}`;
    if ((key === 'data' || key === 'blob') && typeof value === 'string') return [{ text: value, path: at }];
    return key === 'content' || key === 'resource' ? findBinaryTexts(value as JsonObject, at) : [];
  });
}

/** Also refuses a text that contains a masked secret: clients decode the text before they read anything else. */
export function checkBase64({ text, path }: BinaryText): void {
  const end = text.search(/[^A-Za-z0-9+/]/);
  const padding = end < 0 ? '' : text.slice(end);
  if (text.length % 4 === 0 && ['', '=', '=='].includes(padding)) return;
  throw new AppError('expression_failed', `An expression of the tool returns no base64 for ${path}`);
}

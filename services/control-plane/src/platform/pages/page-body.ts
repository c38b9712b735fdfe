import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { z } from 'zod';

/** Reads the body that the script of one of our pages sends. */
export async function readPageBody<Schema extends z.ZodType>(
  req: IncomingMessage,
  { bytesMax, schema }: { bytesMax: number; schema: Schema },
): Promise<z.infer<Schema>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new AppError('payload_too_large', 'The body is too large');
    chunks.push(chunk);
  }
  const { success, data } = schema.safeParse(parseJson(Buffer.concat(chunks).toString()));
  if (!success) throw new AppError('invalid_request', 'The body does not have the form that the page sends');
  return data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

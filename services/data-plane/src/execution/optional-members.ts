import { type Json, jsonObjectSchema } from '@toolplane/contracts';
import { z } from 'zod';

/** Members of a content block that are not text and may be missing, with the schemas that clients accept. */
const blockMembers = new Map<string, z.ZodType>([
  ['annotations', jsonObjectSchema],
  ['_meta', jsonObjectSchema],
  ['size', z.number()],
]);

const annotationMembers = new Map<string, z.ZodType>([
  ['audience', z.array(z.enum(['user', 'assistant']))],
  ['priority', z.number().min(0).max(1)],
  ['lastModified', z.iso.datetime({ offset: true })],
]);

export function fitsBlock(key: string, value: Json): boolean {
  return blockMembers.get(key)?.safeParse(value).success ?? true;
}

export function fitsAnnotation(key: string, value: Json): boolean {
  return annotationMembers.get(key)?.safeParse(value).success ?? value !== null;
}

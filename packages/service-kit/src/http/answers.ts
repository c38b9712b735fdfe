import { z } from 'zod';
import { queryNumberOr } from './query-number.ts';

/** The only form of a successful answer. */
export function successOf<Data extends z.ZodType>(data: Data) {
  return z.object({ success: z.literal(true), message: z.string(), data });
}

export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    success: z.literal(true),
    message: z.string(),
    data: z.array(item),
    total: z.int(),
    page: z.int(),
    limit: z.int(),
    totalPages: z.int(),
    hasNextPage: z.boolean(),
    hasPreviousPage: z.boolean(),
    nextCursor: z.string().optional(),
  });
}

/** The query parameters of every list. */
export const pageQuery = {
  page: queryNumberOr(1, { min: 1, max: 1_000_000 }),
  limit: queryNumberOr(20, { min: 1, max: 100 }),
};

export type PageRequest = { page: number; limit: number };
/**
 * `hasMore` is set if a cursor leads to the next page. The page number is then not enough, because earlier rows are
 * added and removed.
 */
export type ListPage<Item> = { items: Item[]; total: number; hasMore?: boolean; nextCursor?: string };

export function succeed<Status extends 200 | 201, Data>(status: Status, message: string, data: Data) {
  return { status, body: { success: true as const, message, data } };
}

export function succeedWithoutBody() {
  return { status: 204 as const };
}

export function succeedWithPage<Item>(message: string, { page, limit }: PageRequest, found: ListPage<Item>) {
  const totalPages = Math.ceil(found.total / limit);
  return {
    status: 200 as const,
    body: {
      success: true as const,
      message,
      data: found.items,
      total: found.total,
      page,
      limit,
      totalPages,
      hasNextPage: found.hasMore ?? page < totalPages,
      hasPreviousPage: page > 1,
      ...(found.nextCursor === undefined ? {} : { nextCursor: found.nextCursor }),
    },
  };
}

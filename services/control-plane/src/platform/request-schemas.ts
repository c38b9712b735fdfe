import { connectorCategories } from '@toolplane/compiler/connector-vocabulary';
import { AppError, usernamePattern } from '@toolplane/contracts';
import { z } from 'zod';

/** Text that PostgreSQL can store: it refuses the character U+0000. */
export function textOf(lengthMax: number) {
  return z
    .string()
    .max(lengthMax)
    .refine((text) => !text.includes('\0'), 'must not contain the character U+0000');
}

/** A name that is shown to people. It is stored unchanged, so it must be escaped wherever it is shown. */
export const displayNameSchema = textOf(100).min(1);
export const descriptionSchema = textOf(2000);

/** Schema for times in responses. */
export const categorySchema = z.enum(connectorCategories);

export const timestampSchema = z.iso.datetime();

/** The earliest time, because PostgreSQL refuses the year 0. */
export const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');
/** The latest time. Later years have more than four digits, unlike all times in responses. */
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Schema for times in requests. The offset can shift a time to another year than the written one. */
export const timeSchema = z.iso.datetime({ offset: true, abort: true }).refine((text) => {
  const at = Date.parse(text);
  return at >= EARLIEST_MS && at <= LATEST_MS;
}, 'must be between the years 1 and 9999');

/** A boolean in a query. */
export const flagSchema = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((text) => text === 'true')
  .meta({ type: 'boolean' });
export const flagOrFalseSchema = flagSchema.default(false).meta({ type: 'boolean', default: false });

/** The body of `toggle-active`, a prescribed path. With the intended state, repeating the request changes nothing. */
export const activationSchema = z.strictObject({
  isActive: z
    .boolean()
    .optional()
    .meta({ description: 'The state that is meant. If it is omitted, the state becomes the opposite of what it is' }),
});

/** Names of external users. */
export const usernameSchema = z.string().regex(usernamePattern, 'must be 1 to 255 ASCII letters, digits or . _ @ + -');

/** Ids and slugs in paths. */
export const idSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be an id or a slug');

/** The ETag of an earlier response, or `*`. */
export const ifMatchSchema = z
  .string()
  .regex(/^(?:\*|"\d{1,9}")$/, 'must be the ETag of an earlier answer')
  .optional();

/** The version in an ETag. Undefined if the change applies to any version. */
export function toVersion(etag: string | undefined): number | undefined {
  return etag === undefined || etag === '*' ? undefined : Number(etag.slice(1, -1));
}

/** The version on which a change is based, from the body or `If-Match`. If both are sent, they must be equal. */
export function toExpectedVersion(version: number | undefined, etag: string | undefined): number | undefined {
  const tagged = toVersion(etag);
  if (version !== undefined && tagged !== undefined && version !== tagged) {
    throw new AppError('conflict', 'version and If-Match name different versions, and only one can be the current one');
  }
  return version ?? tagged;
}

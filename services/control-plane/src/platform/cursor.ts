import { createHmac, timingSafeEqual } from 'node:crypto';
import { notValid } from '@toolplane/contracts';
import { z } from 'zod';

/** Where a list continues: after the row with this sort value and id. `page` is the number of the next page. */
export type ListPosition = { value: string; id: string; page: number };

const positionSchema = z.strictObject({ value: z.string(), id: z.string(), page: z.int().min(1) });

export type Cursors = {
  seal(position: ListPosition, list: string): string;
  /** `list` identifies the list and its tenant. A cursor of any other list is refused. */
  open(cursor: string, list: string): ListPosition;
};

export function createCursors(secret: string): Cursors {
  const key = createHmac('sha256', secret).update('list cursors').digest();
  const macOf = (payload: string, list: string) => createHmac('sha256', key).update(`${payload}.${list}`).digest();
  return {
    seal(position, list) {
      const payload = Buffer.from(JSON.stringify(position)).toString('base64url');
      return `${payload}.${macOf(payload, list).toString('base64url')}`;
    },
    open(cursor, list) {
      const [payload = '', mac = ''] = cursor.split('.');
      const expected = macOf(payload, list);
      const found = Buffer.from(mac, 'base64url');
      if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
        throw notValid([{ path: 'query.cursor', message: 'is not a cursor of this list' }]);
      }
      return positionSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    },
  };
}

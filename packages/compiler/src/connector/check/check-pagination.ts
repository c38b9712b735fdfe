import type { Pagination } from '../descriptor/operation-schema.ts';
import { isNamed } from '../descriptor/wire-name.ts';
import { checkPicked } from './check-picked.ts';
import { isReadAs } from './is-read-as.ts';
import type { OperationContext } from './operation-context.ts';

type Key = Exclude<keyof Pagination, 'type' | 'max_pages'>;

const all: readonly Key[] = ['page_param', 'limit_param', 'cursor_param', 'next_cursor_path', 'items_path'];

const needed: Record<Pagination['type'], readonly Key[]> = {
  none: [],
  page: ['page_param'],
  offset: ['page_param'],
  cursor: ['cursor_param', 'next_cursor_path', 'items_path'],
  link: [],
};

const possible: Record<Pagination['type'], readonly Key[]> = {
  none: [],
  page: ['page_param', 'limit_param', 'items_path'],
  offset: ['page_param', 'limit_param', 'items_path'],
  cursor: ['cursor_param', 'limit_param', 'next_cursor_path', 'items_path'],
  link: ['limit_param', 'items_path'],
};

export function checkPagination({ operation, part, credentials }: OperationContext): void {
  const { pagination } = operation;
  if (pagination === undefined) return;
  const place = part.place('pagination');
  for (const key of needed[pagination.type]) {
    if (pagination[key] !== undefined) continue;
    place.error('missing_key', `Pagination of type ${pagination.type} requires "${key}"`, `Add "${key}".`);
  }
  for (const key of all) {
    if (pagination[key] === undefined || possible[pagination.type].includes(key)) continue;
    const hint = `Remove it, or choose the type that it belongs to.`;
    place
      .place(key)
      .error('not_for_type', `Pagination of type ${pagination.type} has no "${key}"`, hint, { at: 'key' });
  }
  checkPicked(pagination.items_path, place.place('items_path'));
  checkPicked(pagination.next_cursor_path, place.place('next_cursor_path'));
  for (const key of ['page_param', 'limit_param', 'cursor_param'] as const) {
    const name = pagination[key];
    if (name !== undefined && credentials.query.some(([credential]) => isReadAs(name, credential))) {
      const message = `"${name}" carries credentials in the query`;
      place.place(key).error('credential_query', message, 'Name the parameter that requests a page.');
    }
    const parameter = operation.parameters.find((each) => isNamed(each, name));
    if (parameter === undefined || parameter.location === 'query') continue;
    const message = `The parameter "${name}" is in ${parameter.location}`;
    place.place(key).error('not_for_location', message, 'Pages are requested in the query.');
  }
}

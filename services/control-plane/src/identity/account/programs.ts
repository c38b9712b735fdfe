import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import { type Html, html } from '../../platform/pages/page.ts';

/** A program that acts in the name of a person, as the account page shows it. */
type Program = {
  id: string;
  client: { name?: string | null | undefined };
  server: { slug: string };
  workspace: { name: string };
  scopes: readonly string[];
  createdAt: string;
};

/** Lists the programs that a person allowed to act in their name; the authorization server knows them. */
export type ListPrograms = (personId: string, page: PageRequest) => Promise<ListPage<Program>>;

export type ShownPrograms = { items: Program[]; total: number; page: number };

const PER_PAGE = 100;
const PARAMETER = 'programs';

/** The page of programs that the URL of the account page requests, or the last page if fewer exist by now. */
export async function listPrograms(
  list: ListPrograms,
  personId: string,
  url: string | undefined,
): Promise<ShownPrograms> {
  const query = new URLSearchParams(url?.split('?')[1]);
  const asked = /^[1-9]\d{0,5}$/.test(query.get(PARAMETER) ?? '') ? Number(query.get(PARAMETER)) : 1;
  const listPage = (page: number) => list(personId, { page, limit: PER_PAGE });
  const found = await listPage(asked);
  const page = Math.min(asked, Math.max(1, Math.ceil(found.total / PER_PAGE)));
  return { ...(page === asked ? found : await listPage(page)), page };
}

/** Renders nothing if no program has access, which is the case for most people. */
export function toPrograms({ items, total, page }: ShownPrograms): Html | undefined {
  if (total === 0) return undefined;
  return html`<h2 id="programs">Programs that act in your name</h2><ul>${items.map(toProgram)}</ul>${toOthers(total, page)}`;
}

function toProgram({ id, client, server, workspace, scopes, createdAt }: Program): Html {
  const name = client.name ?? 'An unnamed program';
  const may = scopes.includes('tools:call') ? 'may call all tools' : 'may call read-only tools';
  return html`<li>${name} at ${server.slug} of ${workspace.name}, ${may}, since ${createdAt.slice(0, 10)} <button type="button" class="small" data-revoke="${id}" aria-label="Disconnect ${name} from ${server.slug}">Disconnect</button></li>`;
}

function toOthers(total: number, page: number): Html | undefined {
  if (total <= PER_PAGE) return undefined;
  const to = (other: number, text: string) => html`<a href="/account?${PARAMETER}=${other}#programs">${text}</a>`;
  const [first, last] = [(page - 1) * PER_PAGE + 1, Math.min(page * PER_PAGE, total)];
  const newer = page === 1 ? undefined : to(page - 1, 'Newer ones');
  const older = last === total ? undefined : to(page + 1, 'Older ones');
  return html`<p>${first} to ${last} of ${total}, newest first. ${newer} ${older}</p>`;
}

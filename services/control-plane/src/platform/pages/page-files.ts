import { readFileSync } from 'node:fs';
import { AppError } from '@toolplane/contracts';
import { readBrowserModules } from '@toolplane/sealing';
import type { Api } from '@toolplane/service-kit/http';
import type { Principal } from '../principals/principal.ts';
import { PAGE_FILES_PATH } from './page.ts';

const ASSETS = new URL('../../../assets/', import.meta.url);
const STYLE = ['page.css', 'icon.svg'];
const SCRIPTS = [
  'account.js',
  'connect.js',
  'consent.js',
  'invitation.js',
  'passkey.js',
  'ready.js',
  'second-factor.js',
  'send.js',
  'sign-in.js',
];
const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Serves the style and the scripts of the pages from memory, so that no path of a request becomes a path of a file. */
export function addPageFiles(api: Api<Principal>): void {
  const own = [...STYLE, ...SCRIPTS].map((name) => [name, readFileSync(new URL(name, ASSETS), 'utf8')] as const);
  const jose = [...readBrowserModules()].map(([path, text]) => [`jose/${path}`, text] as const);
  const files = new Map([...own, ...jose]);
  api.app.get(`${PAGE_FILES_PATH}/*path`, (req, res) => {
    const { path } = req.params as unknown as { path: string[] };
    const name = path.join('/');
    const text = files.get(name);
    if (text === undefined) throw new AppError('not_found', 'No such path');
    res.set({ 'content-type': TYPES[name.split('.').at(-1) ?? ''] ?? '', 'cache-control': 'no-cache' }).send(text);
  });
}

/*
 * Renders the pages that people see in a browser without a key: small pages that load nothing from elsewhere and that
 * no other page can embed.
 */
import type { ServerResponse } from 'node:http';

/** Complete HTML, as opposed to text that must still be escaped. */
export type Html = { readonly html: string };

export type HtmlPage = { status: number; title: string; body: Html; script?: string };

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'x-frame-options': 'DENY',
};

export const PAGE_FILES_PATH = '/connect/assets';

/** Renders a template. Values are escaped unless they are HTML, lists are joined, and undefined renders nothing. */
export function html(texts: TemplateStringsArray, ...values: (string | number | Html | Html[] | undefined)[]): Html {
  const written = values.map(write);
  return { html: String.raw({ raw: texts.map((text) => text) }, ...written) };
}

export function sendPage(response: ServerResponse, page: HtmlPage): void {
  response.writeHead(page.status, PAGE_HEADERS).end(toDocument(page));
}

/**
 * The text of a page, for callers that send it themselves with `PAGE_HEADERS`. A page with a script stays inert until
 * the script has been loaded (`ready.js` runs after it), so that no click is lost.
 */
export function toDocument({ title, body, script }: Omit<HtmlPage, 'status'>): string {
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title>
<link rel="icon" href="${PAGE_FILES_PATH}/icon.svg"><link rel="stylesheet" href="${PAGE_FILES_PATH}/page.css">
${(script === undefined ? [] : [script, 'ready.js']).map(toScript)}`;
  const main = script === undefined ? html`<main>${body}</main>` : html`${NEEDS_SCRIPT}<main inert>${body}</main>`;
  return html`<!doctype html>
<html lang="en"><head>${head}</head>
<body>${main}<footer>Toolplane</footer></body></html>
`.html;
}

const NEEDS_SCRIPT = html`<noscript><p class="warning">This page needs JavaScript.</p></noscript>`;

function toScript(name: string): Html {
  return html`<script type="module" src="${PAGE_FILES_PATH}/${name}"></script>`;
}

/** A page with a single message. */
export function toNotice(status: number, title: string, ...sentences: string[]): HtmlPage {
  return { status, title, body: html`<h1>${title}</h1>${sentences.map((sentence) => html`<p>${sentence}</p>`)}` };
}

function write(value: string | number | Html | Html[] | undefined): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map(write).join('\n');
  return typeof value === 'object' ? value.html : escapeText(String(value));
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Characters that reverse the direction of text. They are removed, because people and programs choose these names. */
const TURNS_AROUND = /[\u202a-\u202e\u2066-\u2069]/g;

function escapeText(text: string): string {
  return text.replaceAll(TURNS_AROUND, '').replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

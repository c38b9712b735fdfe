import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import { type Html, html, type Page, toNotice } from '../pages/page.ts';
import { isOnOwnMachine } from './client-metadata.ts';

type Told = { error: string; error_description?: string | undefined };

/**
 * Anybody can register, so a link to this server must not redirect a browser to a site of
 * whoever registered (RFC 9700, 4.11.2): errors of a request are shown to the person, who decides whether to continue. After an explicit refusal, the browser is
 * redirected as usual.
 */
export function keepHere({ oidc }: KoaContextWithOIDC, error: errors.OIDCProviderError): void {
  if (oidc.route === 'authorization' && !isOnOwnMachine(oidc.params?.['redirect_uri'])) error.allow_redirect = false;
}

/** Why no client was connected. */
export function toErrorPage(ctx: KoaContextWithOIDC, told: Told): Page {
  const { error, error_description: description } = told;
  const sentences = [...(description === undefined ? [] : [`${description}.`]), `Error code: ${error}.`];
  // This page replaces a redirect, so it must not have the status of one.
  const status = ctx.status < 400 ? 400 : ctx.status;
  const page = toNotice(status, 'This connection cannot be made', ...sentences);
  const back = toWayBack(ctx, told);
  return back === undefined ? page : { ...page, body: html`${page.body}${back}` };
}

/** The link with the error for the client, if its redirect URI is known to be its own. */
function toWayBack({ oidc }: KoaContextWithOIDC, told: Told): Html | undefined {
  const redirectUri = oidc.params?.['redirect_uri'];
  if (typeof redirectUri !== 'string' || !oidc.client?.redirectUriAllowed(redirectUri)) return undefined;
  const url = URL.parse(redirectUri);
  if (url?.protocol !== 'https:') return undefined;
  for (const [name, value] of Object.entries(told)) if (value !== undefined) url.searchParams.set(name, value);
  return html`<p><a href="${url.href}" rel="noreferrer">Go back to ${url.host}</a>, if you came from there.</p>`;
}

import { type Html, type HtmlPage, html } from '../platform/pages/page.ts';
import type { ConsentView } from './consents.ts';

const TOOLS_SHOWN_MAX = 200;

/** Shows which client requests access to what, where the browser goes afterwards, and the decision to make. */
export function toConsentPage(view: ConsentView, csrfToken: string): HtmlPage {
  const { person, client, redirect, server, tools, scopes } = view;
  const name = client.name ?? 'An unnamed program';
  const mayCall = scopes.includes('tools:call');
  return {
    status: 200,
    title: `Connect ${name}`,
    script: 'consent.js',
    body: html`<h1>Connect ${name}</h1>
<p><strong>${name}</strong> wants to use the tools of <strong>${server.slug}</strong> in your name.</p>
<dl>
<div><dt>You</dt><dd>${person.name} (${person.email})</dd></div>
<div><dt>Server</dt><dd>${server.slug}, of the workspace ${server.workspaceName}</dd></div>
<div><dt>Program</dt><dd>${client.isKnownByHost ? html`published by <strong>${URL.parse(client.id)?.host}</strong>` : 'chose its name itself'}</dd></div>
<div><dt>Returns to</dt><dd class="uri">${redirect.before}<strong>${redirect.receiver}</strong>${redirect.after}${redirect.isOnOwnMachine ? ', on this computer' : undefined}</dd></div>
</dl>
${toWarning(view)}
<form id="consent" data-csrf="${csrfToken}">
${toTools(tools, mayCall)}
${mayCall ? toChoice() : undefined}
<button type="submit">Connect</button>
<button type="button" id="decline" class="quiet">Cancel</button>
</form>
<p id="message" role="alert"></p>`,
  };
}

/**
 * Warns the person that what the program says about itself proves nothing, and that any program on this computer may
 * receive what is sent to it.
 */
function toWarning({ client, redirect }: ConsentView): Html | undefined {
  if (client.isKnownByHost && !redirect.isOnOwnMachine) return undefined;
  const sentences = [
    client.isKnownByHost ? undefined : 'Nobody has checked who made this program.',
    redirect.isOnOwnMachine ? 'A program on this computer receives the access.' : undefined,
    'Continue only if you have just started this yourself.',
  ];
  return html`<p class="warning" role="note">${sentences.filter((sentence) => sentence !== undefined).join(' ')}</p>`;
}

function toTools(tools: ConsentView['tools'], mayCall: boolean): Html {
  const callable = tools.filter(({ isReadOnly }) => mayCall || isReadOnly);
  const readers = callable.filter(({ isReadOnly }) => isReadOnly).length;
  const shown = callable.slice(0, TOOLS_SHOWN_MAX);
  const more = callable.length - shown.length;
  return html`<p>It will see the names of all tools, and can call ${
    mayCall
      ? html`<strong>${toCount(callable.length)}</strong>, ${readers} of which ${readers === 1 ? 'is' : 'are'} read-only.`
      : html`those that are read-only: <strong>${toCount(readers)}</strong>.`
  }</p>
<details><summary>Which ones</summary><ul>
${shown.map(({ name, isReadOnly }) => html`<li><code>${name}</code>${isReadOnly ? ' (read-only)' : undefined}</li>`)}
${more > 0 ? html`<li>and ${more} more</li>` : undefined}
</ul><p class="hint">This includes tools that are added to the server later.</p></details>`;
}

function toCount(count: number): string {
  return count === 1 ? '1 tool' : `${count} tools`;
}

function toChoice(): Html {
  return html`<div class="field choice"><input type="checkbox" id="only-reads" name="onlyReads">
<label for="only-reads">Let it call read-only tools only</label></div>`;
}

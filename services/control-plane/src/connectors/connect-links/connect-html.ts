import { type Html, type HtmlPage, html } from '../../platform/pages/page.ts';
import type { ConnectView, FieldsWay, SignInWay } from './connect-links.ts';

type Field = FieldsWay['fields'][number];

/** Shows which user will be connected to which service, what will happen, and what to do. */
export function toConnectPage(view: ConnectView): HtmlPage {
  const { connector, instanceName, user, expiresAt, way } = view;
  const time = new Date(expiresAt).toISOString();
  return {
    status: 200,
    title: `Connect ${connector}`,
    script: 'connect.js',
    body: html`<h1>Connect ${connector}</h1>
<p>An agent wants to use <strong>${connector}</strong> for the person named here. It gets the results of its tools, never what you sign in with.</p>
<dl>
<div><dt>For</dt><dd>${user === undefined ? html`everyone who uses this workspace without a name` : html`<strong>${user.name}</strong>`}</dd></div>
<div><dt>Connection</dt><dd>${instanceName}</dd></div>
<div><dt>Good until</dt><dd><time datetime="${time}">${time.slice(11, 16)} UTC</time>, once</dd></div>
</dl>
<p class="warning" role="note">${toWarning(user)}</p>
${way.kind === 'sign-in' ? toSignInForm(way) : toFieldsForm(way)}
<p id="message" role="alert"></p>
<section id="done" hidden tabindex="-1"><h1>Connected</h1><p>You can close this page and tell your agent to continue.</p></section>`,
  };
}

function toWarning(user: ConnectView['user']): Html {
  if (user === undefined) {
    return html`Continue only if you expected this: agents of the whole workspace will act with what you connect.`;
  }
  if (user.isPerson) {
    return html`Continue only if you expected this: agents that act for you will act with what you connect.`;
  }
  return html`Continue only if you expected this and <strong>${user.name}</strong> is you: agents that act for this name will act with what you connect.`;
}

function toSignInForm({ provider, scopes }: SignInWay): Html {
  return html`<form id="connect" data-way="sign-in">
<p>You will sign in at <strong>${provider}</strong>${
    scopes.length === 0
      ? undefined
      : html`, which will ask you to agree to: ${toList(scopes.map((scope) => html`<code>${scope}</code>`))}`
  }.</p>
<button type="submit">Continue to ${provider}</button>
</form>`;
}

function toFieldsForm({ fields, hosts, sealingTarget }: FieldsWay): Html {
  return html`<form id="connect" data-way="fields" data-hosts="${JSON.stringify(hosts)}" data-target="${JSON.stringify(sealingTarget)}">
${fields.map(toFieldHtml)}
<p class="hint">It is encrypted in this browser before it is sent. It can be used for requests to ${toHostList(hosts, fields)} and for nothing else.</p>
<button type="submit">Connect</button>
</form>`;
}

function toHostList(hosts: readonly string[], fields: readonly Field[]): Html[] {
  const typed = fields.filter(({ field_type: type }) => type === 'url');
  return toList([
    ...hosts.map((host) => html`<code>${host}</code>`),
    ...typed.map((field) => html`the host of “${labelOf(field)}”`),
  ]);
}

function toList(items: Html[]): Html[] {
  return items.map((item, index) => (index === items.length - 1 ? item : html`${item},`));
}

function toFieldHtml(field: Field): Html {
  const { key, required, description } = field;
  const id = `field-${key}`;
  return html`<div class="field">
<label for="${id}">${labelOf(field)}${required ? undefined : html` <span class="optional">(optional)</span>`}</label>
${toInput(field, id)}
${description === undefined ? undefined : html`<p class="hint" id="${id}-hint">${description}</p>`}
<p class="problem" id="${id}-problem"></p>
</div>`;
}

function toInput(
  { key, required, field_type: type, options, default_value: preset, description, ...rest }: Field,
  id: string,
) {
  const described = `${description === undefined ? '' : `${id}-hint `}${id}-problem`;
  const common = html`id="${id}" name="${key}" data-type="${type}" aria-describedby="${described}"${required ? html` required` : undefined}`;
  const choices = type === 'boolean' ? ['true', 'false'] : type === 'select' ? options : undefined;
  if (choices !== undefined) {
    const toOption = (choice: string) =>
      html`<option value="${choice}"${choice === String(preset) ? html` selected` : undefined}>${choice}</option>`;
    return html`<select ${common}>${preset === undefined ? html`<option value=""></option>` : undefined}${choices.map(toOption)}</select>`;
  }
  const isSecret = type === 'secret' || rest.secret;
  const inputType = isSecret ? 'password' : type === 'url' ? 'url' : 'text';
  const mode = type === 'number' ? html` inputmode="decimal"` : undefined;
  const value = preset === undefined || isSecret ? undefined : html` value="${String(preset)}"`;
  return html`<input ${common} type="${inputType}"${mode}${value} autocomplete="off" autocapitalize="none" spellcheck="false">`;
}

function labelOf({ label, key }: Field): string {
  return label ?? key;
}

import type { Json } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { CredentialChain } from '../descriptor/authentication-schema.ts';
import { idOf } from '../descriptor/credential-fields.ts';
import { credentialKeys } from '../descriptor/credential-templates.ts';
import type { DescriptorDraft } from '../descriptor/draft.ts';
import { checkPicked } from './check-picked.ts';
import { checkHeaders, checkKeys, checkTemplate } from './check-template.ts';
import { readEndpoint } from './check-url.ts';
import { reportDuplicates } from './report-duplicates.ts';

export function checkChains(draft: DescriptorDraft): void {
  const { credential_chains: chains } = draft.connector;
  reportDuplicates(
    chains.map(({ id }) => id),
    (id, index) => {
      const message = `Duplicate credential chain "${id}"`;
      draft.at('credential_chains', index, 'id').error('duplicate_id', message, 'Give each one a unique id.');
    },
  );
  checkNames(draft);
  for (const [index, chain] of chains.entries()) {
    checkAuthenticationOf(draft, chain, index);
    checkSteps(draft, chain, index);
  }
}

/** Names must be unique in the descriptor, because templates name the values that a chain extracts without its id. */
function checkNames(draft: DescriptorDraft): void {
  const seen = new Set<string>();
  for (const [index, { steps }] of draft.connector.credential_chains.entries()) {
    for (const [step, { extract }] of steps.entries()) {
      for (const [name, text] of Object.entries(extract)) {
        const place = draft.at('credential_chains', index, 'steps', step, 'extract', name);
        if (seen.has(name)) {
          const message = `"${name}" is extracted twice in this descriptor`;
          place.error('duplicate_name', message, 'Choose another name.', { at: 'key' });
        }
        seen.add(name);
        checkPicked(text, place);
      }
    }
  }
}

function checkAuthenticationOf(draft: DescriptorDraft, { authentication }: CredentialChain, index: number): void {
  const names = [...draft.names(AUTHENTICATION_NAME, 'authentication')];
  if (authentication === undefined) {
    if (draft.connector.authentication.length === 1) return;
    const hint = `Add "authentication": ${names.join(', ') || 'there is none yet'}.`;
    draft.at('credential_chains', index).error('missing_key', '"authentication" is missing', hint);
  } else if (isUnknownAuthentication(draft, authentication)) {
    const hint = suggestName(authentication, names, 'Available');
    const message = `There is no authentication "${authentication}"`;
    draft.at('credential_chains', index, 'authentication').error('unknown_authentication', message, hint);
  }
}

/** The members by which `idOf` names an authentication. */
export const AUTHENTICATION_NAME = ['id', 'type'];

export function isUnknownAuthentication(draft: DescriptorDraft, ref: string): boolean {
  const isKnown = draft.connector.authentication.some((each) => idOf(each) === ref);
  return !isKnown && !draft.hasUnnamed(AUTHENTICATION_NAME, 'authentication');
}

function checkSteps(draft: DescriptorDraft, chain: CredentialChain, index: number): void {
  const known = knownKeys(draft, chain);
  const extracted: string[] = [];
  for (const [step, { request, extract }] of chain.steps.entries()) {
    const keys = known && [...known, ...extracted];
    const place = draft.at('credential_chains', index, 'steps', step, 'request');
    const { url, headers = {}, query = {}, body, method } = request;
    checkKeys(readEndpoint(draft, url, place.place('url')) ?? [], place.place('url'), keys);
    checkHeaders(Object.entries(headers), place.place('headers'), keys);
    for (const [name, text] of Object.entries(query)) checkTemplate(text, place.place('query').place(name), keys);
    if (body !== undefined) checkBody(body, place.place('body'), keys);
    if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
      place.place('body').error('body_not_allowed', `A ${method} request has no body`, 'Use query.', { at: 'key' });
    }
    extracted.push(...Object.keys(extract).map((name) => `chain.${name}`));
  }
}

function knownKeys(draft: DescriptorDraft, { authentication: ref }: CredentialChain): string[] | undefined {
  const { authentication: all } = draft.connector;
  const index = all.findIndex((each) => idOf(each) === ref || (ref === undefined && all.length === 1));
  const authentication = all[index];
  if (authentication === undefined) return undefined;
  return draft.hasUnnamed(['key'], 'authentication', index, 'fields') ? undefined : credentialKeys(authentication, []);
}

function checkBody(body: Json, part: Part, keys: readonly string[] | undefined): void {
  if (typeof body === 'string') checkTemplate(body, part, keys);
  else if (Array.isArray(body)) for (const [index, item] of body.entries()) checkBody(item, part.place(index), keys);
  else if (typeof body === 'object' && body !== null) {
    for (const [key, member] of Object.entries(body)) checkBody(member, part.place(key), keys);
  }
}

import type { Diagnostic, Plan, PlanExternal, PlanStep } from '@toolplane/contracts';
import { toKnownUrl } from '../documents/compiling/called-origins.ts';
import { listUncoveredHosts } from './uncovered-hosts.ts';

/**
 * The steps of a tool that use a secret. Prompts are named `prompt:<name>`, and resources `resource:<URI>`. A tool of
 * an external server has a single step with the name of that server.
 */
export type SecretUsage = { tool: string; steps: string[] };

/** A host to which a step would send a secret that was not sealed for it. */
export type UncoveredHost = { tool: string; step: string; host: string };

/** A secret that is used but missing, with the hosts to which it would be sent, if these are known before a call. */
export type MissingSecret = { name: string; usedBy: SecretUsage[]; hosts: string[] };

type SealedFor = { name: string; hosts: readonly string[] };

/** Limit of warnings, because more would add nothing new. */
const DIAGNOSTICS_MAX = 50;

export function listUsages(plans: readonly Plan[], name: string): SecretUsage[] {
  return plans.flatMap((plan) => {
    const steps = placesOf(plan).filter(({ urlsFor }) => urlsFor(name) !== undefined);
    return steps.length === 0 ? [] : [{ tool: plan.tool, steps: steps.map(({ id }) => id) }];
  });
}

/** Lists missing secrets, sorted by name. */
export function listMissing(plans: readonly Plan[], known: readonly { name: string }[]): MissingSecret[] {
  const there = new Set(known.map(({ name }) => name));
  const used = new Set(plans.flatMap((plan) => placesOf(plan).flatMap(({ secrets }) => secrets)));
  const missing = [...used].filter((name) => !there.has(name)).toSorted();
  return missing.map((name) => {
    const hosts = listUncovered(plans, { name, hosts: [] }).map(({ host }) => host);
    return { name, usedBy: listUsages(plans, name), hosts: [...new Set(hosts)].toSorted() };
  });
}

/** Lists only hosts that are known before a call. */
export function listUncovered(plans: readonly Plan[], { name, hosts }: SealedFor): UncoveredHost[] {
  return plans.flatMap((plan) =>
    placesOf(plan).flatMap(({ id, urlsFor }) => {
      const origins = (urlsFor(name) ?? []).map(({ origin }) => origin);
      return listUncoveredHosts(origins, hosts).map((host) => ({ tool: plan.tool, step: id, host }));
    }),
  );
}

/** Returns warnings for calls that will fail with the same code. */
export function warnOfUncovered(plans: readonly Plan[], secrets: readonly SealedFor[]): Diagnostic[] {
  const found = secrets.flatMap((secret) =>
    listUncovered(plans, secret).map((uncovered) => ({ secret, ...uncovered })),
  );
  return found.slice(0, DIAGNOSTICS_MAX).map(({ secret, tool, step, host }) => ({
    severity: 'warning',
    code: 'secret_host_denied',
    message: `The step ${step} of ${tool} sends the secret ${secret.name} to ${host}, for which it was not sealed`,
    hint: `Calls will fail there. Store the secret again, sealed for ${host} as well, if that is where it belongs.`,
    pointer: '',
    line: 1,
    column: 1,
  }));
}

/** `urlsFor` returns the URLs to which a step sends a secret. Undefined if the step does not use the secret. */
type Place = { id: string; secrets: readonly string[]; urlsFor(secret: string): URL[] | undefined };

/** The ids of steps of a called workflow have the id of the workflow as a prefix. */
function placesOf({ steps, workflows = [], external }: Plan): Place[] {
  const toPlace = (step: PlanStep, id = step.id): Place => {
    const secrets = [...step.secrets, ...(step.tokens ?? []).map(({ secret }) => secret)];
    return { id, secrets, urlsFor: (name) => urlsOfStep(step, name) };
  };
  return [
    ...(external === undefined ? [] : [toExternalPlace(external)]),
    ...steps.map((step) => toPlace(step)),
    ...workflows.flatMap((workflow) => workflow.steps.map((step) => toPlace(step, `${workflow.id}/${step.id}`))),
  ];
}

function toExternalPlace({ serverName, secrets, url }: PlanExternal): Place {
  return { id: serverName, secrets, urlsFor: (name) => (secrets.includes(name) ? [new URL(url)] : undefined) };
}

/** Credentials for a token count as sent to the host that receives the token, and to the token endpoint. */
function urlsOfStep({ secrets, tokens = [], request }: PlanStep, name: string): URL[] | undefined {
  const needs = tokens.filter(({ secret }) => secret === name);
  if (needs.length === 0 && !secrets.includes(name)) return undefined;
  const urls = [
    request === undefined ? null : toKnownUrl(request),
    ...needs.map(({ tokenUrl }) => URL.parse(tokenUrl)),
  ];
  return urls.filter((url) => url !== null);
}

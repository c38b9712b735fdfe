import type { Plan, Resource, ResourceTemplate } from '@toolplane/contracts';
import { isReadOnly, isRepeatable } from '../../tools/tool-annotations.ts';
import type * as model from '../model.ts';
import { requestsOf } from '../requests-of.ts';
import { toManifestFields } from './to-manifest-fields.ts';
import { type PlanOwner, toPlan } from './to-plan.ts';

export type CompiledResource = { resource: Omit<Resource, 'planDigest'>; plan: Plan };
export type CompiledResourceTemplate = { resourceTemplate: Omit<ResourceTemplate, 'planDigest'>; plan: Plan };

/** The resource must not have errors. */
export function toResource(resource: model.DeclaredResource, owner: PlanOwner): CompiledResource {
  return { resource: { uri: resource.uri, ...toNamed(resource) }, plan: toResourcePlan(resource, owner) };
}

export function toResourceTemplate(resource: model.DeclaredResource, owner: PlanOwner): CompiledResourceTemplate {
  const { uri, variables } = resource;
  return {
    resourceTemplate: { uriTemplate: uri, ...toNamed(resource), variables },
    plan: toResourcePlan(resource, owner),
  };
}

function toNamed(resource: model.DeclaredResource) {
  const { name, mimeType } = resource;
  const requests = requestsOf(resource.steps);
  return {
    name,
    ...toManifestFields(resource),
    ...(mimeType === undefined ? {} : { mimeType }),
    isRepeatable: isRepeatable(requests),
    isReadOnly: isReadOnly(requests),
  };
}

function toResourcePlan(resource: model.DeclaredResource, owner: PlanOwner): Plan {
  return toPlan(`resource:${resource.uri}`, resource, owner);
}

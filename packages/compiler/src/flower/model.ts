import type { Condition, HttpMethod, JsonObject, Template, UrlTemplate } from '@toolplane/contracts';
import type { FoundReference } from '@toolplane/expressions';
import type { Part } from '../document/part.ts';

/** A Flower document, read: every expression is parsed, nothing is checked across parts yet. */
export type FlowerDocument = { id: string; title?: string; description?: string; flows: Flow[] };

export type Flow = {
  part: Part;
  id: string;
  description?: string;
  inputs?: JsonObject;
  steps: Step[];
  outputs: Expression[];
  analytics: Expression[];
  annotations: Record<string, boolean>;
};

export type Step = {
  part: Part;
  id: string;
  request: Request;
  outputs: Expression[];
  actions: Action[];
  timeoutMs?: number;
};

export type Request = {
  method: HttpMethod;
  url: Url;
  headers: Expression[];
  query: Expression[];
  body?: Expression;
};

export type Url = { part: Part; template: UrlTemplate; references: FoundReference[] };

/** `pointer` of a reference counts from the root of the document. */
export type Expression = { name: string; part: Part; template: Template; references: FoundReference[] };

export type When = { condition: Condition; references: FoundReference[] };

export type Action = { part: Part; when?: When } & (
  | { do: 'next' }
  | { do: 'end' }
  | { do: 'retry'; waitMs: number; retriesMax: number }
  | { do: 'goto'; step: string }
);

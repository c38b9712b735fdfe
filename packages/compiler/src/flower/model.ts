import type {
  Condition,
  HttpMethod,
  Icon,
  InputRequest,
  JsonObject,
  Template,
  UrlTemplate,
} from '@toolplane/contracts';
import type { FoundReference } from '@toolplane/expressions';
import type { Part } from '../document/part.ts';
import type { Idempotency } from '../http/read-idempotency.ts';
import type { OutputBudget } from '../tools/read-output-budget.ts';

/** A Flower document after reading: every expression is parsed, but nothing is checked across parts yet. */
export type FlowerDocument = {
  id: string;
  title?: string;
  description?: string;
  flows: Flow[];
  prompts: DeclaredPrompt[];
  resources: DeclaredResource[];
};

/** What flows, prompts and resources share: questions, followed by steps, followed by what is shown of them. */
export type Procedure = {
  part: Part;
  /** The name of this kind of procedure in messages. */
  noun: 'flow' | 'prompt' | 'resource';
  inputs?: JsonObject;
  /** The questions of one round are asked together. */
  rounds: Question[][];
  steps: Step[];
  outputs: Expression[];
  content?: Expression;
  analytics: Expression[];
  deadlineMs: number;
};

export type DisplayFields = { title?: string; description?: string; icons?: Icon[] };

export type Flow = Procedure &
  DisplayFields &
  OutputBudget & {
    id: string;
    annotations: Record<string, boolean>;
    task?: 'optional' | 'required';
    asksInTask?: 'before' | 'within';
  };

export type DeclaredPrompt = Procedure & DisplayFields & { id: string; arguments: Completable[] };

export type DeclaredResource = Procedure &
  DisplayFields & {
    /** The URI of a template has variables in braces. */
    uri: string;
    isTemplate: boolean;
    name: string;
    mimeType?: string;
    variables: Completable[];
  };

/** An argument of a prompt or a variable of a resource template. */
export type Completable = {
  name: string;
  title?: string;
  description?: string;
  required?: boolean;
  values?: string[];
};

export type Question = {
  part: Part;
  key: string;
  method: InputRequest['method'];
  params: Expression;
  /** The URL of a page to be opened, if it is not the same for every call. */
  url?: Url;
  isOptional: boolean;
  /** The members of the answer: a reference to any other member names nothing. */
  members: { name: string; fields?: string[] }[];
};

export type Step = {
  part: Part;
  id: string;
  request: Request;
  outputs: Expression[];
  actions: Action[];
  timeoutMs?: number;
};

export type Request = Idempotency & {
  method: HttpMethod;
  url: Url;
  headers: Expression[];
  query: Expression[];
  body?: Expression;
};

export type Url = { part: Part; template: UrlTemplate; references: FoundReference[] };

/** The `pointer` of a reference is relative to the root of the document. */
export type Expression = { name: string; part: Part; template: Template; references: FoundReference[] };

export type When = { condition: Condition; references: FoundReference[] };

export type Action = { part: Part; when?: When } & (
  | { do: 'next' }
  | { do: 'end' }
  | { do: 'retry'; waitMs: number; retriesMax: number }
  | { do: 'goto'; step: string }
);

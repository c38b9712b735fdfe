import { AppError, type Manifest, type Tool, type ToolScope } from '@toolplane/contracts';
import type { Principal } from './principal.ts';

/**
 * Whether a token lets its bearer see the tools of a server or, with a tool, call that one: `tools:read` is enough for one
 * that only reads. Keys have no scopes. Throws `insufficient_scope`, so that its client can ask for more (RFC 6750, 3.1).
 */
export function requireScopes(principal: Principal, tool?: Pick<Tool, 'annotations'>): void {
  if (principal.kind !== 'token') return;
  const needed = tool === undefined ? 'tools:read' : scopeFor(tool);
  if (principal.scopes.includes(needed)) return;
  const what = tool === undefined ? 'see what this server has' : 'call this tool';
  throw new InsufficientScope(needed, `The token has not the scope to ${what}`);
}

/** One that says itself that it only reads. */
export function scopeFor({ annotations }: Pick<Tool, 'annotations'>): ToolScope {
  return annotations?.readOnlyHint === true ? 'tools:read' : 'tools:call';
}

export class InsufficientScope extends AppError {
  /** All that is needed: it has the others within it. */
  readonly scope: ToolScope;

  constructor(scope: ToolScope, message: string) {
    super('insufficient_scope', message);
    this.scope = scope;
  }
}

/** What the issuer of a server calls a scope. Undefined: a token needs none for it. */
export function scopeName({ authorization }: Pick<Manifest, 'authorization'>, scope: ToolScope): string | undefined {
  if (authorization === undefined) return scope;
  const { read, call } = authorization.scopes ?? {};
  return scope === 'tools:read' ? read : (call ?? read);
}

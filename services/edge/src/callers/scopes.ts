import { AppError, type Manifest, type Prompt, type Tool, type ToolScope } from '@toolplane/contracts';
import type { Principal } from './principal.ts';

/** A tool, a prompt or a resource: something whose plan can be run. */
type Runnable = Partial<Pick<Tool, 'annotations'> & Pick<Prompt, 'isReadOnly'>>;

/**
 * Checks that a token allows its bearer to see what a server offers or, if a runnable is given, to run it. `tools:read`
 * is enough for a read-only runnable. Keys have no scopes. Throws `insufficient_scope`, so that the client can request
 * more (RFC 6750, 3.1).
 */
export function requireScopes(principal: Principal, runnable?: Runnable): void {
  if (principal.kind !== 'token') return;
  const needed = runnable === undefined ? 'tools:read' : scopeFor(runnable);
  if (principal.scopes.includes(needed)) return;
  const what = runnable === undefined ? 'see what this server offers' : 'run this';
  throw new InsufficientScope(needed, `The token lacks the scope to ${what}`);
}

/** A tool declares whether it is read-only. For prompts and resources, the compiler has checked it. */
export function scopeFor({ annotations, isReadOnly = annotations?.readOnlyHint }: Runnable): ToolScope {
  return isReadOnly === true ? 'tools:read' : 'tools:call';
}

export class InsufficientScope extends AppError {
  /** The only scope that is needed: it includes the lesser ones. */
  readonly scope: ToolScope;

  constructor(scope: ToolScope, message: string) {
    super('insufficient_scope', message);
    this.scope = scope;
  }
}

/** Returns the issuer's name for a scope, or undefined if a token does not need one for it. */
export function scopeName({ authorization }: Pick<Manifest, 'authorization'>, scope: ToolScope): string | undefined {
  if (authorization === undefined) return scope;
  const { read, call } = authorization.scopes ?? {};
  return scope === 'tools:read' ? read : (call ?? read);
}

import type { TakenSlots } from '@toolplane/bus';
import type { Failure, InputRequired, JsonObject, Outcome, ToolCall } from '@toolplane/contracts';
import type { Principal } from '../callers/principal.ts';
import type { HostedServer, Target } from '../manifests/hosted-server.ts';
import type { PolicyCheck } from '../manifests/policy-check.ts';

/** A call of a tool, on which the gate decides. */
export type GatedCall = {
  /** The server at whose endpoint the call is made. */
  readonly server: HostedServer;
  readonly principal: Principal;
  /** The name by which its caller knows the tool. */
  readonly name: string;
  readonly target: Pick<Target, 'serverId' | 'name' | 'planDigest'>;
  readonly checks: readonly PolicyCheck[];
  /** Returns the data about the caller that the plan receives. Called only if the call needs an approval. */
  readonly readCaller: () => ToolCall['caller'];
  /** The person behind the client can be asked. */
  readonly canAsk: boolean;
};

/** The gate of one call, which may take several rounds of questions. */
export type CallGate = {
  readonly admit: Admit;
  /** Continues with the state of an earlier round, perhaps from another edge. */
  resume(state: ApprovalState): void;
  /** Removes the answer to the gate's own question from a client's answers and returns the others. */
  receiveAnswers<Answer>(responses: Record<string, Answer>): Record<string, Answer>;
  /** Returns the state for the next round, wherever that happens. */
  state(): ApprovalState & {
    /** The names of the workspace's approvals that were used in this round. */
    usedNames: string[];
  };
  /** Releases the approvals for a repeated call. Called if there is no further round and nothing was executed. */
  release(): void;
};

/**
 * Decides on a round of a call before it is run, given the arguments for its plan. `until` is the deadline of the round
 * in Unix milliseconds. Never rejects.
 */
export type Admit = (callArguments: JsonObject, until: number) => Promise<GateDecision>;
/**
 * A refused call holds no concurrency slots. For an admitted call, `end` has to be called with the outcome of the
 * round, unless the call continues elsewhere and takes its slots (`places`) with it.
 */
export type GateDecision = GateRefusal | { places: TakenSlots | undefined; end(ended: EndedRound): void };
/** `isUnanswered` means that the call was queued and no worker that ran it has answered. */
type EndedRound = { outcome: Outcome; isUnanswered: boolean };
/** `rule` is the rule or limit that decided. */
export type GateRefusal = { refusal: Failure | InputRequired; rule: string };

/**
 * `asked` is the key of the approval that the person was asked for and has not answered. `approved` contains the keys
 * of approvals that are not requested again. `endsAt` is the time when the first approval by the workspace ends, in
 * Unix milliseconds.
 */
export type ApprovalState = {
  asked?: string | undefined;
  approved?: string[] | undefined;
  endsAt?: number | undefined;
};

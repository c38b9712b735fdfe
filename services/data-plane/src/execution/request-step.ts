import type { EditUrl, MakeOptions } from './make-request.ts';
import type { PreparedStep } from './prepare-plan.ts';
import type { PreparedRequest } from './requests/prepare-request.ts';

export type RequestStep = PreparedStep & { request: PreparedRequest };

export function sendsRequest(step: PreparedStep): step is RequestStep {
  return step.request !== undefined;
}

/** Where the requests of a step get their credentials from: the secrets of the server, or a connection. */
export type CredentialSource<Credentials> = {
  /** Returns the latest time for the response to a request that begins now, in Unix milliseconds. */
  endsAt(): number;
  resolve(endsAt: number): Promise<Credentials>;
  /** Returns what a request is built with. From now on, the values are masked in everything that leaves the run. */
  use(credentials: Credentials, edit: EditUrl | undefined): Pick<MakeOptions, 'sent' | 'texts' | 'edit'>;
  /** Waits until the rate limits, if there are any, permit another request. */
  waitForRateLimits?(credentials: Credentials): Promise<void> | undefined;
  /** Notes that a request is sent with the credentials, and returns the references that a trace shows. */
  noteUse(credentials: Credentials): string[];
  /** An upstream has refused the credentials: the next use reads them again. */
  expire(credentials: Credentials, status: number): void;
  /** Returns other credentials than those that an upstream has refused, if they are available by now. */
  findOthers(refused: Credentials, url: URL, endsAt: number): Promise<Credentials | undefined>;
};

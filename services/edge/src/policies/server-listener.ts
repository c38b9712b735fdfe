import type { Principal } from '../callers/principal.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import type { ManifestChange } from '../manifests/server-changes.ts';

export type ServerListener = {
  /** The server as the client knows it. */
  server: HostedServer;
  principal: Principal;
  /**
   * Called when the server has changed. A server that is stopped or deleted is reported as empty, and the end waits for
   * that report.
   */
  onChange?(change: ManifestChange, after: HostedServer): void | Promise<void>;
  /** Called when the server or the right to use it is gone, or this edge stops. Nothing is called after it. */
  onEnd(): void;
};

/** Reports changes to a listener until the returned function is called. */
export type WatchServer = (listener: ServerListener) => () => void;

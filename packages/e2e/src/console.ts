import { buildConsole } from '@toolplane/local/build-console';
import type { Page } from 'playwright-core';
import { type BrowserPerson, openBrowser } from './browser.ts';
import { join } from './people.ts';
import { startPlatform, type TestPlatform } from './platform.ts';

/** A platform with its web console, and an owner who uses it in a real browser. */
export type ConsoleInUse = AsyncDisposable & {
  platform: TestPlatform;
  owner: BrowserPerson;
  /** The owner's window. */
  page: Page;
  /** Opens a page of the workspace, for example `/servers`. */
  open(path: string, page?: Page): Promise<void>;
};

export async function startConsole(): Promise<ConsoleInUse> {
  await using resources = new AsyncDisposableStack();
  const platform = resources.use(
    await startPlatform({ CONSOLE_DIR: await buildConsole(), EXTERNAL_REFRESH_SECONDS: '1' }),
  );
  const owner = resources.use(await openBrowser());
  await join(platform, owner, 'owner@example.test', 'owner');
  const { page } = owner;
  const base = `${platform.api}/console/ws_default`;
  const kept = resources.move();
  return {
    platform,
    owner,
    page,
    open: async (path, opened = page) => void (await opened.goto(`${base}${path}`)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

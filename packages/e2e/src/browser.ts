import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '@toolplane/local/chromium';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

export type BrowserPerson = AsyncDisposable & {
  page: Page;
  context: BrowserContext;
  /** The URLs and bodies of all requests that this browser has sent so far. */
  sent: string[];
  /**
   * Errors of its pages, with their URLs: scripts that failed, and actions that the content security policy blocked.
   */
  complaints: string[];
};

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Opens a real browser for one person, with a profile of its own. */
export async function openBrowser(): Promise<BrowserPerson> {
  const executablePath = await findChromium();
  const profile = mkdtempSync(join(tmpdir(), 'toolplane-browser-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS });
  const page = context.pages()[0] ?? (await context.newPage());
  const sent: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
  page.on('pageerror', ({ message }) => complaints.push(`${page.url()} ${message}`));
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(`${line.location().url || page.url()} ${line.text()}`);
  });
  return {
    page,
    context,
    sent,
    complaints,
    async [Symbol.asyncDispose]() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

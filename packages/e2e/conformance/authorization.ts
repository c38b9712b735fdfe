import { getFreePort } from '@toolplane/loopback/ports';
import { openBrowser } from '../src/browser.ts';
import { agree, join } from '../src/people.ts';
import type { TestPlatform } from '../src/platform.ts';
import { runAuthorization, type ScenarioResult } from './suite.ts';

/**
 * Runs the suite as a client of the platform's own authorization server, with a person who agrees in a real browser.
 */
export async function measureAuthorization(platform: TestPlatform, serverId: string): Promise<ScenarioResult[]> {
  await using person = await openBrowser();
  await join(platform, person, 'conformance@example.test', 'viewer');
  const port = await getFreePort();
  const issuer = `${platform.api}/oauth`;
  // The result is awaited here, because the browser is closed when this function returns.
  return await runAuthorization({
    issuer,
    port,
    clientId: await register(issuer, port),
    resource: `${platform.mcp}/mcp/${serverId}`,
    async visit(url) {
      await person.page.goto(url);
      await agree(person);
      await person.page.getByText('You can close this page').waitFor();
    },
  });
}

async function register(issuer: string, port: number): Promise<string> {
  const metadata = { redirect_uris: [`http://127.0.0.1:${port}/callback`], token_endpoint_auth_method: 'none' };
  const response = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  });
  return ((await response.json()) as { client_id: string }).client_id;
}

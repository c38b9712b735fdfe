import { describe, expect, test } from '@jest/globals';
import axe, { type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import type { ConsoleInUse } from '../src/console.ts';
import { furnish } from './furnish.ts';
import { type View, viewsOf } from './views.ts';

const WCAG: RunOptions['runOnly'] = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };

type Look = { name: string; colorScheme: 'light' | 'dark'; width: number; rules: RunOptions['runOnly'] };

const LIGHT: Look = { name: 'light, wide', colorScheme: 'light', width: 1280, rules: WCAG };

/** What passes in the light look also passes here, except for rules that depend on colours and positions. */
const DARK: Look = {
  name: 'dark, 390 px',
  colorScheme: 'dark',
  width: 390,
  rules: ['color-contrast', 'scrollable-region-focusable', 'target-size'],
};

export function describeAccessibility(using: () => ConsoleInUse): void {
  describe('accessibility', () => {
    test('no page, form or dialog breaks a WCAG 2.2 A or AA rule that can be checked automatically', async () => {
      const { platform, owner, open } = using();
      await using furnished = await furnish(platform);
      // A single separate window, because two at a time are slower: browsers throttle all but the front one.
      const page = await owner.context.newPage();
      // The page's policy allows only its own scripts; this script is injected by the debugger.
      await page.addInitScript(axe.source);
      await open('/nowhere', page);
      const found: string[] = [];
      for (const view of viewsOf(furnished)) found.push(...(await look(page, view)));
      await page.close();
      expect(found).toEqual([]);
    }, 240_000);
  });
}

/** Returns one line for each element that breaks a rule: on the page, then in the dialog opened over it. */
async function look(page: Page, { path, has, does, dialog }: View): Promise<string[]> {
  await take(page, LIGHT);
  await goTo(page, '/nowhere');
  await page.getByRole('heading', { name: 'No such page' }).waitFor();
  await goTo(page, path);
  await does?.(page);
  await waitForText(page, has);
  const found: string[] = [];
  const check = async (where: string, of: Look) => {
    await take(page, of);
    for (const line of await findViolations(page, where, of.rules)) found.push(`${path}, ${of.name}: ${line}`);
  };
  await check('html', LIGHT);
  await check('html', DARK);
  if (dialog === undefined) return found;
  await dialog.does(page);
  await waitForText(page, dialog.has);
  await check('[role=dialog]', DARK);
  await check('[role=dialog]', LIGHT);
  return found;
}

async function waitForText(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).filter({ visible: true }).first().waitFor();
}

async function take(page: Page, { colorScheme, width }: Look): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
}

/** Navigates as a link does, because reloading a page takes longer than checking it. */
async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `/console/ws_default${path}`);
}

async function findViolations(page: Page, where: string, runOnly: RunOptions['runOnly']): Promise<string[]> {
  const violations = await page.evaluate(
    async ([context, options]) => {
      // Colours in transition to others are not checked.
      const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
      await Promise.allSettled(transitions.map(({ finished }) => finished));
      return (await (globalThis as unknown as { axe: typeof axe }).axe.run(context, options)).violations;
    },
    [where, { runOnly, resultTypes: ['violations'], preload: false }] as [string, RunOptions],
  );
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

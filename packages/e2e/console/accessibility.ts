import { describe, expect, test } from '@jest/globals';
import axe, { type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import type { ConsoleInUse } from '../src/console.ts';
import { furnish } from './furnish.ts';
import { type View, viewsOf } from './views.ts';

const WCAG: RunOptions['runOnly'] = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };

type Look = { name: string; colorScheme: 'light' | 'dark'; width: number; rules: RunOptions['runOnly'] };

const LIGHT: Look = { name: 'light, wide', colorScheme: 'light', width: 1280, rules: WCAG };

/** What holds there holds here, except for what colours and positions decide. */
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
      // A window of its own, because two of them at a time are slower: browsers let only the one in front run freely.
      const page = await owner.context.newPage();
      // The policy of the page allows only its own scripts; this one comes from the debugger.
      await page.addInitScript(axe.source);
      await open('/nowhere', page);
      const found: string[] = [];
      for (const view of viewsOf(furnished)) found.push(...(await look(page, view)));
      await page.close();
      expect(found).toEqual([]);
    }, 240_000);
  });
}

/** One line for each element that breaks a rule: on the page, then on what is opened over it. */
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

/** As a link does it: reloading a page takes longer than checking it. */
async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `/console/ws_default${path}`);
}

async function findViolations(page: Page, where: string, runOnly: RunOptions['runOnly']): Promise<string[]> {
  const violations = await page.evaluate(
    async ([context, options]) => {
      // Nobody has to read a colour that is in transition to another.
      const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
      await Promise.allSettled(transitions.map(({ finished }) => finished));
      return (await (globalThis as unknown as { axe: typeof axe }).axe.run(context, options)).violations;
    },
    [where, { runOnly, resultTypes: ['violations'], preload: false }] as [string, RunOptions],
  );
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

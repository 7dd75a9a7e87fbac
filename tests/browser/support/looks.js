// What must hold of each page however it looks at the moment: it fits its screen, and axe finds nothing in it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from './office.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A phone, a laptop, a screen on the wall and one that stands on end. */
export const SCREENS = [[390, 844], [1366, 900], [1920, 1080], [1080, 1920]].map(([width = 0, height = 0]) => ({ width, height }));
export const LANGUAGES = ['es', 'en'];
export const THEMES = ['claro', 'oscuro'];

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} where  for the reader of a failure
 */
export async function looksRight(page, where) {
  // What is still fading in has the wrong colours.
  await page.evaluate(() => Promise.all(document.getAnimations()
    .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity && !(animation.effect instanceof KeyframeEffect && animation.effect.target?.closest('.ring')))
    .map((animation) => animation.finished.catch(() => {}))));
  const beyond = await page.evaluate(() => {
    const { scrollWidth } = document.documentElement;
    if (scrollWidth <= innerWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5);
    return [`${scrollWidth} > ${innerWidth}`, ...wide.slice(0, 5).map((node) => node.outerHTML.slice(0, 120))];
  });
  expect.soft(beyond, `${where}: wider than its screen`).toEqual([]);
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(`${AXE};0`);
  const found = await page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ['violations'] });
    return violations.map((/** @type {any} */ violation) => `${violation.id}: ${violation.nodes.map((/** @type {any} */ node) => `${node.target.join(' ')} (${node.failureSummary})`).join('; ')}`);
  });
  expect.soft(found, `${where}: what axe found`).toEqual([]);
}

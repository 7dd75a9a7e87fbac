// What must hold of each page however it looks at the moment: it fits its screen, nothing to press is cut off or outside of its frame, and axe finds nothing in it.

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
  await page.evaluate(async () => {
    for (let quiet = 0; quiet < 2; ) {
      const moving = document.getAnimations().filter((animation) => animation.playState === 'running'
        && animation.effect?.getComputedTiming().endTime !== Infinity
        && !(animation.effect instanceof KeyframeEffect && animation.effect.target?.closest('.ring')));
      quiet = moving.length ? 0 : quiet + 1;
      await Promise.all(moving.map((animation) => animation.finished.catch(() => {})));
      // What was changed a moment ago begins to move with the next frame.
      await new Promise(requestAnimationFrame);
    }
  });
  const beyond = await page.evaluate(() => {
    const { scrollWidth } = document.documentElement;
    if (scrollWidth <= innerWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5);
    return [`${scrollWidth} > ${innerWidth}`, ...wide.slice(0, 5).map((node) => node.outerHTML.slice(0, 120))];
  });
  expect.soft(beyond, `${where}: wider than its screen`).toEqual([]);
  const outside = await page.evaluate(() => [...document.querySelectorAll('button, a, input')].flatMap((node) => {
    let box = node.getBoundingClientRect();
    if (!box.width || !node.checkVisibility()) return [];
    for (let frame = node.parentElement; frame && frame !== document.body; frame = frame.parentElement) {
      const edge = frame.getBoundingClientRect();
      const { overflowX, overflowY } = getComputedStyle(frame);
      if (overflowX !== 'visible' && (box.left < edge.left - 1 || box.right > edge.right + 1)) return [`cut off: ${node.outerHTML.slice(0, 160)}`];
      // What scrolls shows all of its content: from here on only its own frame counts.
      if (overflowY === 'auto' || overflowY === 'scroll') box = edge;
      else if (frame.matches('section, dialog') && box.bottom > edge.bottom + 1) return [`beyond its section: ${node.outerHTML.slice(0, 160)}`];
    }
    return [];
  }));
  expect.soft(outside.slice(0, 3), `${where}: what cannot be reached`).toEqual([]);
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(`${AXE};0`);
  const found = await page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ['violations'] });
    return violations.map((/** @type {any} */ violation) => `${violation.id}: ${violation.nodes.map((/** @type {any} */ node) => `${node.target.join(' ')} (${node.failureSummary})`).join('; ')}`);
  });
  expect.soft(found, `${where}: what axe found`).toEqual([]);
}

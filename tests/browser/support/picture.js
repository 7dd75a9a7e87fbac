// Writes a screenshot as a small PNG: at most 256 colours, which is plenty for flat areas and the edges of letters.

import { writeFile } from 'node:fs/promises';
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** @param {import('@playwright/test').Page} page @param {string} path */
export async function picture(page, path) {
  await page.evaluate(() => document.fonts.ready);
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  const { width, height, rgb } = await pixels(page, png);
  await writeFile(path, indexed(width, height, rgb));
}

/** Lets the browser decode it. @param {import('@playwright/test').Page} page @param {Buffer} png */
async function pixels(page, png) {
  const context = await page.context().browser()?.newContext();
  if (!context) throw new Error('the browser is gone');
  try {
    const blank = await context.newPage();
    const { width, height, base64 } = await blank.evaluate(async (source) => {
      const bitmap = await createImageBitmap(await (await fetch(source)).blob());
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const paper = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      paper.drawImage(bitmap, 0, 0);
      const { data } = paper.getImageData(0, 0, bitmap.width, bitmap.height);
      let text = '';
      for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
      return { width: bitmap.width, height: bitmap.height, base64: btoa(text) };
    }, `data:image/png;base64,${png.toString('base64')}`);
    return { width, height, rgb: Buffer.from(base64, 'base64') };
  } finally {
    await context.close();
  }
}

/** @param {number} width @param {number} height @param {Buffer} rgb  three bytes a pixel @returns {Buffer} a PNG */
function indexed(width, height, rgb) {
  const { palette, indexOf } = choose(rgb);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 3) rows[y * (width + 1) + 1 + x] = indexOf(rgb.readUIntBE(at, 3));
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('PLTE', palette), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

/** The most frequent colours, none too near to one already chosen; every other pixel gets the nearest of them. @param {Buffer} rgb */
function choose(rgb) {
  /** @type {Map<number, number>} */ const counts = new Map();
  for (let at = 0; at < rgb.length; at += 3) {
    const colour = rgb.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
  /** @type {number[]} */ const chosen = [];
  for (const nearest of [24, 0]) {
    for (const colour of frequent) {
      if (chosen.length === 256) break;
      if (chosen.every((other) => distance(other, colour) > nearest)) chosen.push(colour);
    }
  }
  const palette = Buffer.alloc(chosen.length * 3);
  chosen.forEach((colour, i) => palette.writeUIntBE(colour, i * 3, 3));
  /** @type {Map<number, number>} */ const known = new Map();
  const indexOf = (/** @type {number} */ colour) => {
    let index = known.get(colour);
    if (index === undefined) {
      index = chosen.reduce((best, other, i) => (distance(other, colour) < distance(chosen[best] ?? 0, colour) ? i : best), 0);
      known.set(colour, index);
    }
    return index;
  };
  return { palette, indexOf };
}

/** @param {number} a @param {number} b */
function distance(a, b) {
  return ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
}

/** @param {string} type @param {Buffer} content */
function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

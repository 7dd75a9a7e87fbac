// QR codes, read by a decoder that somebody else wrote.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { qr, qrPath } from '../../public/lib/qr.js';

const jsQR = createRequire(import.meta.url)('jsqr');

const SCALE = 3;
const QUIET = 4;

/** @param {boolean[][]} cells */
function read(cells) {
  const side = (cells.length + 2 * QUIET) * SCALE;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const dark = cells[Math.floor(y / SCALE) - QUIET]?.[Math.floor(x / SCALE) - QUIET];
      if (dark) pixels.fill(0, 4 * (y * side + x), 4 * (y * side + x) + 3);
    }
  }
  return jsQR(pixels, side, side);
}

test('every length of every version is read as it was written', () => {
  // Bytes that a code of level M holds, by version.
  const most = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213];
  most.forEach((length, i) => {
    for (const n of new Set([Math.max(1, (most[i - 1] ?? 0) + 1), length - 1, length])) {
      const text = Array.from({ length: n }, (_, at) => 'https://turnos.example.org/t/0123456789abcdef'[(at * 7 + n) % 45]).join('');
      const cells = qr(text);
      assert.equal(cells.length, 17 + 4 * (i + 1), `${n} bytes`);
      const found = read(cells);
      assert.equal(found?.data, text, `${n} bytes`);
      assert.equal(found.version, i + 1);
    }
  });
});

test('what is not ASCII is written as UTF-8', () => {
  assert.equal(read(qr('Turno nº 7: ¡adelante!'))?.data, 'Turno nº 7: ¡adelante!');
  assert.ok(read(qr('')));
});

test('thirty addresses are read, whichever mask they get', () => {
  for (let i = 0; i < 30; i += 1) {
    const text = `http://192.168.1.20:8787/t/${(i * 0x9e3779b97f4a7c15).toString(16).slice(0, 12)}?sucursal=${i}`;
    assert.equal(read(qr(text))?.data, text);
  }
});

test('a text that is too long is refused', () => {
  assert.throws(() => qr('x'.repeat(214)), RangeError);
});

test('the path has each dark module once', () => {
  const cells = qr('https://example.org');
  const dark = [...qrPath(cells).matchAll(/M\d+ \d+h(\d+)v1h-\1z/g)].reduce((sum, [, length]) => sum + Number(length), 0);
  assert.equal(dark, cells.flat().filter(Boolean).length);
});

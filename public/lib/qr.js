// QR codes by ISO/IEC 18004: byte mode, error correction level M, versions 1 to 10, which is up to 213 bytes. Pure; draws nothing.

/** For each version from 1 on: error correction codewords of a block, and blocks. */
const BLOCKS = /** @type {const} */ ([[10, 1], [16, 1], [26, 1], [18, 2], [24, 2], [16, 4], [18, 4], [22, 4], [22, 5], [26, 5]]);
/** All codewords, data and error correction. */
const CODEWORDS = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346];
/** Rows and columns on whose crossings alignment patterns are centred. */
const ALIGNMENT = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
/** Generators of the codes that protect format and version, and what is added to the format so that it is never blank. */
const FORMAT_GENERATOR = 0x537;
const FORMAT_MASK = 0x5412;
const VERSION_GENERATOR = 0x1f25;
/** Of level M. */
const LEVEL = 0b00;
const BYTE_MODE = 0b0100;
/** What the rest is filled up with, in turn. */
const PADDING = [0xec, 0x11];

/** Whether a module is turned over, by its row and column. @type {Array<(y: number, x: number) => boolean>} */
const MASKS = [
  (y, x) => (y + x) % 2 === 0,
  (y) => y % 2 === 0,
  (_, x) => x % 3 === 0,
  (y, x) => (y + x) % 3 === 0,
  (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (y, x) => ((y * x) % 2) + ((y * x) % 3) === 0,
  (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2 === 0,
  (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2 === 0,
];

/**
 * The modules of a code, row by row, without the quiet zone of four modules that belongs around it; true is dark. Throws a `RangeError` for a
 * text that is too long.
 * @param {string} text @returns {boolean[][]}
 */
export function qr(text) {
  const bytes = new TextEncoder().encode(text);
  const version = versionFor(bytes.length);
  const codewords = interleaved(version, data(version, bytes));
  const plain = new Modules(version);
  plain.fill(codewords);
  let best = { cost: Infinity, cells: plain.cells };
  for (let mask = 0; mask < MASKS.length; mask += 1) {
    const cells = plain.masked(mask);
    const cost = penalty(cells);
    if (cost < best.cost) best = { cost, cells };
  }
  return best.cells;
}

/** The dark modules as one path, a unit a module. @param {boolean[][]} cells */
export function qrPath(cells) {
  return cells.map((row, y) => runs(row).map(({ dark, at, length }) => (dark ? `M${at} ${y}h${length}v1h-${length}z` : '')).join('')).join('');
}

/** @param {number} version */
function capacity(version) {
  const [correction, blocks] = at(BLOCKS, version - 1);
  return at(CODEWORDS, version - 1) - correction * blocks;
}

/** Bits of the length. @param {number} version */
function lengthBits(version) {
  return version < 10 ? 8 : 16;
}

/** @param {number} length */
function versionFor(length) {
  for (let version = 1; version <= BLOCKS.length; version += 1) {
    if (4 + lengthBits(version) + 8 * length <= 8 * capacity(version)) return version;
  }
  throw new RangeError(`${length} bytes are too many for a QR code`);
}

/** Mode, length, bytes, end, filling. @param {number} version @param {Uint8Array} bytes */
function data(version, bytes) {
  /** @type {number[]} */ const bits = [];
  const put = (/** @type {number} */ value, /** @type {number} */ count) => {
    for (let i = count - 1; i >= 0; i -= 1) bits.push((value >> i) & 1);
  };
  put(BYTE_MODE, 4);
  put(bytes.length, lengthBits(version));
  for (const byte of bytes) put(byte, 8);
  const room = 8 * capacity(version);
  put(0, Math.min(4, room - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let i = 0; bits.length < room; i += 1) put(at(PADDING, i % 2), 8);
  return Array.from({ length: room / 8 }, (_, i) => bits.slice(8 * i, 8 * i + 8).reduce((value, bit) => 2 * value + bit, 0));
}

/** The data in blocks, each with its error correction, all of them taken in turn. @param {number} version @param {number[]} words */
function interleaved(version, words) {
  const [correction, count] = at(BLOCKS, version - 1);
  const short = Math.floor(words.length / count);
  const longer = words.length % count;
  let from = 0;
  // The longer blocks come last.
  const blocks = Array.from({ length: count }, (_, i) => words.slice(from, (from += short + (i >= count - longer ? 1 : 0))));
  const divisor = generator(correction);
  const checks = blocks.map((block) => remainder(block, divisor));
  const inTurn = (/** @type {number[][]} */ lists, /** @type {number} */ length) =>
    Array.from({ length }, (_, i) => lists.flatMap((list) => list[i] ?? [])).flat();
  return [...inTurn(blocks, short + 1), ...inTurn(checks, correction)];
}

/** Powers of 2 in the field of 256 elements by x⁸ + x⁴ + x³ + x² + 1, twice in a row, and of which power each element is. */
const POWERS = new Uint8Array(510);
const EXPONENTS = new Uint8Array(256);
for (let i = 0, power = 1; i < 255; i += 1, power = (power << 1) ^ ((power >> 7) * 0x11d)) {
  POWERS[i] = POWERS[i + 255] = power;
  EXPONENTS[power] = i;
}

/** @param {number} a @param {number} b */
function times(a, b) {
  return a && b ? at(POWERS, at(EXPONENTS, a) + at(EXPONENTS, b)) : 0;
}

/** The generator polynomial with that many roots, without its leading 1. @param {number} degree */
function generator(degree) {
  /** @type {number[]} */ let result = [1];
  for (let i = 0, root = 1; i < degree; i += 1, root = times(root, 2)) {
    const shifted = [...result, 0];
    result = shifted.map((value, j) => value ^ (j > 0 ? times(at(result, j - 1), root) : 0));
  }
  return result.slice(1);
}

/** @param {number[]} block @param {number[]} divisor */
function remainder(block, divisor) {
  const rest = divisor.map(() => 0);
  for (const byte of block) {
    const factor = byte ^ at(rest, 0);
    rest.shift();
    rest.push(0);
    for (let i = 0; i < rest.length; i += 1) rest[i] = at(rest, i) ^ times(at(divisor, i), factor);
  }
  return rest;
}

class Modules {
  #size;
  #version;
  /** @type {boolean[][]} which are no data */ #fixed;
  /** @type {boolean[][]} */ cells;

  /** @param {number} version */
  constructor(version) {
    this.#version = version;
    this.#size = 17 + 4 * version;
    const blank = () => Array.from({ length: this.#size }, () => Array.from({ length: this.#size }, () => false));
    this.cells = blank();
    this.#fixed = blank();
    for (let i = 0; i < this.#size; i += 1) {
      this.#set(6, i, i % 2 === 0);
      this.#set(i, 6, i % 2 === 0);
    }
    const end = this.#size - 4;
    for (const [y, x] of /** @type {const} */ ([[3, 3], [3, end], [end, 3]])) this.#rings(y, x, 4, (d) => d !== 2 && d !== 4);
    const centres = at(ALIGNMENT, version - 1);
    const last = centres.length - 1;
    centres.forEach((y, i) => centres.forEach((x, j) => {
      // Where the finders are, there is no room.
      if (!((i === 0 && (j === 0 || j === last)) || (i === last && j === 0))) this.#rings(y, x, 2, (d) => d !== 1);
    }));
    if (version >= 7) this.#versionInfo();
    this.#format(this.cells, 0);
  }

  /** Squares around a centre, dark by their distance from it. @param {number} y @param {number} x @param {number} reach @param {(distance: number) => boolean} dark */
  #rings(y, x, reach, dark) {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) this.#set(y + dy, x + dx, dark(Math.max(Math.abs(dy), Math.abs(dx))));
    }
  }

  /** @param {number} y @param {number} x @param {boolean} dark */
  #set(y, x, dark) {
    const [row, fixed] = [this.cells[y], this.#fixed[y]];
    if (!row || !fixed || x < 0 || x >= this.#size) return;
    row[x] = dark;
    fixed[x] = true;
  }

  #versionInfo() {
    const bits = protectedBits(this.#version, VERSION_GENERATOR, 12);
    for (let i = 0; i < 18; i += 1) {
      const [far, near] = [this.#size - 11 + (i % 3), Math.floor(i / 3)];
      this.#set(near, far, ((bits >> i) & 1) === 1);
      this.#set(far, near, ((bits >> i) & 1) === 1);
    }
  }

  /** Level and mask, twice. @param {boolean[][]} cells @param {number} mask */
  #format(cells, mask) {
    const bits = protectedBits((LEVEL << 3) | mask, FORMAT_GENERATOR, 10) ^ FORMAT_MASK;
    const size = this.#size;
    const put = (/** @type {number} */ y, /** @type {number} */ x, /** @type {boolean} */ dark) => {
      at(cells, y)[x] = dark;
      at(this.#fixed, y)[x] = true;
    };
    for (let i = 0; i < 15; i += 1) {
      const dark = ((bits >> i) & 1) === 1;
      if (i < 8) put(i < 6 ? i : i + 1, 8, dark);
      else put(8, i === 8 ? 7 : 14 - i, dark);
      if (i < 8) put(8, size - 1 - i, dark);
      else put(size - 15 + i, 8, dark);
    }
    put(size - 8, 8, true);
  }

  /** Up and down in pairs of columns, from the right; the column of the timing pattern belongs to none. @param {number[]} codewords */
  fill(codewords) {
    let next = 0;
    for (let right = this.#size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      const upward = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.#size; step += 1) {
        const y = upward ? this.#size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (at(this.#fixed, y)[x]) continue;
          at(this.cells, y)[x] = (((codewords[next >> 3] ?? 0) >> (7 - (next & 7))) & 1) === 1;
          next += 1;
        }
      }
    }
  }

  /** @param {number} mask @returns {boolean[][]} */
  masked(mask) {
    const turns = at(MASKS, mask);
    const cells = this.cells.map((row, y) => row.map((dark, x) => (at(this.#fixed, y)[x] ? dark : dark !== turns(y, x))));
    this.#format(cells, mask);
    return cells;
  }
}

/** A value with the rest of its division behind it. @param {number} value @param {number} divisor @param {number} bits */
function protectedBits(value, divisor, bits) {
  let rest = value;
  for (let i = 0; i < bits; i += 1) rest = (rest << 1) ^ ((rest >> (bits - 1)) * divisor);
  return (value << bits) | rest;
}

/** How hard a code would be to read. @param {boolean[][]} cells */
function penalty(cells) {
  const columns = cells.map((_, x) => cells.map((row) => row[x] === true));
  let cost = 0;
  for (const line of [...cells, ...columns]) {
    // Long runs of one colour, and what looks like a finder with light on one side: the last eleven modules as bits.
    let [length, look] = [0, 0b01010101010];
    line.forEach((dark, i) => {
      length = dark === line[i - 1] ? length + 1 : 1;
      if (length >= 5) cost += length === 5 ? 3 : 1;
      look = ((look << 1) | (dark ? 1 : 0)) & 0x7ff;
      if (i >= 10 && (look === 0b10111010000 || look === 0b00001011101)) cost += 40;
    });
  }
  for (let y = 1; y < cells.length; y += 1) {
    const [above, row] = [at(cells, y - 1), at(cells, y)];
    for (let x = 1; x < row.length; x += 1) {
      if (row[x] === row[x - 1] && row[x] === above[x] && row[x] === above[x - 1]) cost += 3;
    }
  }
  const dark = cells.flat().filter(Boolean).length / cells.length ** 2;
  return cost + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}

/** @param {boolean[]} row */
function runs(row) {
  /** @type {Array<{dark: boolean, at: number, length: number}>} */ const found = [];
  row.forEach((dark, x) => {
    const last = found.at(-1);
    if (last && last.dark === dark) last.length += 1;
    else found.push({ dark, at: x, length: 1 });
  });
  return found;
}

/** @template T @param {ArrayLike<T>} list @param {number} index @returns {T} */
function at(list, index) {
  const item = list[index];
  if (item === undefined) throw new RangeError(`nothing at ${index}`);
  return item;
}

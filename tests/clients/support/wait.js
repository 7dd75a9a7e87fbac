// Waiting: always for something with a name, never longer than a deadline.

export const DEADLINE = 15_000;

/**
 * @template T
 * @param {string} what  what is waited for, for whoever reads the failure
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function within(what, promise, ms = DEADLINE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What came and was not asked for yet, in order. */
export class Inbox {
  #items = [];
  #wake = () => {};

  put(item) {
    this.#items.push(item);
    this.#wake();
  }

  /** The next item, or the next that `matches`: what came before that one is dropped. */
  async next(what, matches = () => true, ms = DEADLINE) {
    const found = async () => {
      for (;;) {
        while (this.#items.length > 0) {
          const item = this.#items.shift();
          if (matches(item)) return item;
        }
        await new Promise((resolve) => (this.#wake = () => resolve(undefined)));
      }
    };
    return within(what, found(), ms);
  }
}

/** A server for long polling whose answers are the test's. */
export class FakePolling {
  /** @type {Array<{url: URL, answer: (body: string, status?: number) => Promise<void>, fail: () => Promise<void>, init: any}>} */ gets = [];
  /** @type {typeof this.gets} */ posts = [];
  /** Whether POSTs are answered by themselves. */ takes = true;

  fetch = (url, init) => {
    const { promise, resolve, reject } = withResolvers();
    const answer = (body, status = 200) => {
      resolve(new Response(body, { status }));
      return breathe();
    };
    const fail = () => {
      reject(new TypeError('no network'));
      return breathe();
    };
    init.signal?.addEventListener('abort', () => reject(new DOMException('over', 'AbortError')));
    (init.method === 'POST' ? this.posts : this.gets).push({ url: new URL(url), answer, fail, init });
    if (init.method === 'POST' && this.takes) void answer('ok');
    return promise;
  };

  /** Answers the GET that waits. */
  say(...packets) {
    return this.gets.at(-1).answer(packets.join('\x1e'));
  }

  async open({ upgrades = [], maxPayload = 1_000_000, pingInterval = 25_000, pingTimeout = 20_000 } = {}) {
    await this.say(`0${JSON.stringify({ sid: 'engine', upgrades, pingInterval, pingTimeout, maxPayload })}`);
  }

  async welcome(sid = 'public', options = undefined) {
    await this.open(options);
    await this.say(`40${JSON.stringify({ sid })}`);
  }

  /** Bodies of the POSTs so far. */
  get bodies() {
    return this.posts.map(({ init }) => init.body);
  }
}

/** Lets promises run. */
export async function breathe() {
  for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

function withResolvers() {
  let resolve, reject;
  const promise = new Promise((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

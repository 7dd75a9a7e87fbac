// A soft two-tone chime made with Web Audio. Browsers keep audio suspended until somebody touches the page: `state` says so.

/** @typedef {'blocked'|'ready'|'missing'} ChimeState  missing: this browser has no Web Audio */

/** Bell-like: the partials of a struck bar, each fading faster than the one below. */
const PARTIALS = [{ ratio: 1, level: 1, seconds: 1.5 }, { ratio: 2, level: 0.35, seconds: 0.9 }, { ratio: 3.01, level: 0.12, seconds: 0.45 }];
const TONES = [{ hertz: 783.99, at: 0 }, { hertz: 587.33, at: 0.42 }];
/** Seconds until the last tone has faded. */
export const CHIME_SECONDS = 1.6;

export class Chime {
  /** @type {AudioContext|undefined} */ #audio;
  /** @type {() => void} */ onchange = () => {};

  constructor() {
    if (typeof AudioContext !== 'function') return;
    try {
      this.#audio = new AudioContext();
      this.#audio.onstatechange = () => this.onchange();
    } catch {
      // no sound device: as good as no Web Audio
    }
  }

  /** @returns {ChimeState} */
  get state() {
    if (!this.#audio) return 'missing';
    return this.#audio.state === 'running' ? 'ready' : 'blocked';
  }

  /** To be called from a touch, a click or a key. */
  async unlock() {
    await this.#audio?.resume().catch(() => {});
    this.onchange();
  }

  /** @returns {boolean} whether it sounds */
  play() {
    const audio = this.#audio;
    if (!audio || this.state !== 'ready') return false;
    const out = audio.createGain();
    out.gain.value = 0.3;
    out.connect(audio.destination);
    for (const tone of TONES) for (const partial of PARTIALS) strike(audio, out, tone, partial);
    setTimeout(() => out.disconnect(), (CHIME_SECONDS + 1) * 1000);
    return true;
  }
}

/**
 * @param {AudioContext} audio @param {AudioNode} out
 * @param {{hertz: number, at: number}} tone @param {{ratio: number, level: number, seconds: number}} partial
 */
function strike(audio, out, { hertz, at }, { ratio, level, seconds }) {
  const start = audio.currentTime + 0.02 + at;
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = hertz * ratio;
  gain.gain.setValueAtTime(0.0001, start);
  gain.gain.exponentialRampToValueAtTime(level, start + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
  oscillator.connect(gain).connect(out);
  oscillator.start(start);
  oscillator.stop(start + seconds + 0.05);
}

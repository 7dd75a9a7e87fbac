// Says a call aloud, where the browser can. Silence is no error: there may be no voice, or one that fails or never ends.

/** Longest time that an announcement may take. */
const LONGEST = 12_000;
/** A voice that has not begun by then will not. */
const BEGIN = 2500;

/** How a code is said: `A-017` as `A 17`, `ABC-000123` as `A B C 123`. @param {string} codigo @param {number} numero */
export function spokenCode(codigo, numero) {
  const letters = /^\p{L}*/u.exec(codigo)?.[0] ?? '';
  return [...letters, String(numero)].join(' ');
}

/**
 * @param {string} text @param {string} lang
 * @param {{synthesis?: SpeechSynthesis, Utterance?: typeof SpeechSynthesisUtterance}} [browser]
 * @returns {Promise<boolean>} whether it was said to the end; never rejects
 */
export function speak(text, lang, { synthesis = globalThis.speechSynthesis, Utterance = globalThis.SpeechSynthesisUtterance } = {}) {
  if (!synthesis || !Utterance) return Promise.resolve(false);
  return new Promise((resolve) => {
    const done = (/** @type {boolean} */ said) => {
      clearTimeout(begin);
      clearTimeout(longest);
      resolve(said);
    };
    const begin = setTimeout(() => stop(synthesis, done), BEGIN);
    const longest = setTimeout(() => stop(synthesis, done), LONGEST);
    try {
      const utterance = new Utterance(text);
      const voice = synthesis.getVoices().find((candidate) => candidate.lang.toLowerCase().startsWith(lang));
      if (voice) utterance.voice = voice;
      utterance.lang = voice?.lang ?? lang;
      utterance.rate = 0.92;
      utterance.onstart = () => clearTimeout(begin);
      utterance.onend = () => done(true);
      utterance.onerror = () => done(false);
      synthesis.speak(utterance);
    } catch {
      done(false);
    }
  });
}

/** @param {SpeechSynthesis} synthesis @param {(said: boolean) => void} done */
function stop(synthesis, done) {
  synthesis.cancel();
  done(false);
}

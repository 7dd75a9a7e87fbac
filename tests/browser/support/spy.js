// Runs in each page before its own scripts: takes down what nobody can see in a test (sounds, speech, what the page was not allowed to do).
// Sounds are really played; speech is not, as browsers without a window have no voices.

export function spy() {
  const seen = {
    /** @type {Array<{hertz: number, at: number}>} tones that were struck */ tones: [],
    /** @type {Array<{text: string, lang: string}>} */ said: [],
    /** @type {string[]} the display's `data-announcing`, each value that it had */ announcing: [],
    /** when the desk's last command began or ended */ busyAt: -Infinity,
    /** @type {string[]} */ violations: [],
  };
  Object.assign(globalThis, { seen });

  addEventListener('securitypolicyviolation', (event) => seen.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));

  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...when) {
    seen.tones.push({ hertz: this.frequency.value, at: performance.now() });
    return start.apply(this, when);
  };

  SpeechSynthesis.prototype.speak = (utterance) => {
    seen.said.push({ text: utterance.text, lang: utterance.lang });
    utterance.dispatchEvent(new Event('start'));
    setTimeout(() => utterance.dispatchEvent(new Event('end')), 50);
  };

  addEventListener('DOMContentLoaded', () => {
    const screen = document.querySelector('#display, #desk');
    if (!screen) return;
    new MutationObserver((changes) => {
      for (const { attributeName } of changes) {
        const value = screen.getAttribute(attributeName ?? '');
        if (attributeName === 'data-busy') seen.busyAt = performance.now();
        else if (value && value !== seen.announcing.at(-1)) seen.announcing.push(value);
      }
    }).observe(screen, { attributeFilter: ['data-announcing', 'data-busy'] });
  });
}

// What a screen on a wall needs: it does not burn in, does not fall asleep, and shows no pointer.

/** The picture moves by a few pixels now and then, so that it does not burn into the panel. */
const DRIFT_EVERY = 60_000;
const DRIFT = [[0, 0], [3, 1], [4, 4], [1, 5], [-2, 3], [-4, 0], [-2, -3], [2, -4]];
const POINTER_HIDES = 3000;

/** @param {HTMLElement} root */
export function drift(root) {
  let drifted = 0;
  setInterval(() => {
    drifted = (drifted + 1) % DRIFT.length;
    const [x = 0, y = 0] = DRIFT[drifted] ?? [];
    root.style.setProperty('--drift-x', `${x}px`);
    root.style.setProperty('--drift-y', `${y}px`);
  }, DRIFT_EVERY);
}

/** Where the browser cannot help, the machine's own settings must. */
export function keepAwake() {
  const ask = () => void (document.hidden || navigator.wakeLock?.request('screen').catch(() => {}));
  document.addEventListener('visibilitychange', ask);
  ask();
}

/** `pointed` while somebody is at the machine. @param {HTMLElement} root */
export function hidePointer(root) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let timer;
  const show = () => {
    root.classList.add('pointed');
    clearTimeout(timer);
    timer = setTimeout(() => root.classList.remove('pointed'), POINTER_HIDES);
  };
  document.addEventListener('pointermove', show);
  document.addEventListener('keydown', show);
  root.addEventListener('focusin', show);
}

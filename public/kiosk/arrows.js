// The arrow keys, for totems with keys in place of a touch screen.

/** Goes to the nearest choice in the key's direction. @param {KeyboardEvent} event @param {HTMLElement} section */
export function step(event, section) {
  const choices = /** @type {HTMLElement[]} */ ([...section.querySelectorAll('button')]).filter((button) => button.checkVisibility() && !section.inert);
  if (!choices.length) return;
  event.preventDefault();
  const here = choices.find((button) => button === document.activeElement);
  if (!here) return choices[0]?.focus();
  const from = here.getBoundingClientRect();
  const sideways = event.key === 'ArrowLeft' || event.key === 'ArrowRight';
  const forward = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : -1;
  let best = { button: here, cost: Infinity };
  for (const button of choices) {
    const to = button.getBoundingClientRect();
    const [x, y] = [to.x + to.width / 2 - from.x - from.width / 2, to.y + to.height / 2 - from.y - from.height / 2];
    const ahead = (sideways ? x : y) * forward;
    const cost = ahead + 3 * Math.abs(sideways ? y : x);
    if (ahead > 1 && cost < best.cost) best = { button, cost };
  }
  best.button.focus();
}

// Why a setting is refused, in the words of a form. The server tells place and reason in the language that the page asks in: what is not known here is shown as it
// was said.

/** @type {ReadonlyArray<[pattern: RegExp, key: string, names?: string[]]>} */
const REASONS = [
  [/^is there twice/i, 'reason.twice'],
  [/^must be 1 to 3 letters/i, 'reason.letters'],
  [/^must be 1 to 64 of a-z/i, 'reason.slug'],
  [/^must be (\d+) to (\d+)(?: minutes)?$/i, 'reason.range', ['from', 'to']],
  [/^must be at least (\d+)$/i, 'reason.least', ['from']],
  [/^must be at most (\d+)/i, 'reason.most', ['to']],
  [/^must (?:end after it begins|begin after the span)/i, 'hours.order'],
  [/^must lie within the business day, (\S+) to ([^\s,]+)/i, 'reason.day', ['from', 'to']],
  [/^(?:must not be|is) empty/i, 'form.missing'],
  [/^another branch has it/i, 'reason.branch'],
  [/^no such (?:service|group)/i, 'reason.gone'],
  [/^must not be greater than the last/i, 'reason.last'],
  [/^must (?:have at least one|name at least one)/i, 'reason.one'],
  [/^must have at most 200 characters/i, 'reason.long'],
  [/^must (?:be .* milliseconds|be a minute of the day|be greater than 0|not be negative)/i, 'form.range'],
];

/** @param {string} said @param {import('./i18n.js').I18n} i18n @returns {string} as it was said, where the page has no words for it */
export function reasonText(said, i18n) {
  for (const [pattern, key, names = []] of REASONS) {
    const found = pattern.exec(said);
    if (found && i18n.has(key)) return i18n.t(key, Object.fromEntries(names.map((name, at) => [name, found[at + 1] ?? ''])));
  }
  return said.charAt(0).toUpperCase() + said.slice(1);
}

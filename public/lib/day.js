// What closing the day by hand does to those who are still there, said before it is done.

/** @param {import('./board.js').Board} board  the staff's @returns {{expire: number, served: number}} tickets that expire, and those that count as finished */
export function closingNow({ tickets, aplazados, retenidos, reservados, escritorios }) {
  const at = (/** @type {string} */ state) => escritorios.filter(({ ticket }) => ticket?.estado === state).length;
  const lists = [tickets, aplazados, retenidos, reservados].reduce((sum, list) => sum + (list?.length ?? 0), 0);
  return { expire: lists + at('llamado'), served: at('atendiendo') };
}

/** @param {import('./board.js').Board} board @param {import('./i18n.js').I18n} i18n */
export function closingText(board, i18n) {
  const { expire, served } = closingNow(board);
  return [i18n.t('desk.day.close.text'), expire ? i18n.t('desk.day.close.leftover', { n: expire }) : '', served ? i18n.t('desk.day.close.served', { n: served }) : ''].filter(Boolean).join(' ');
}

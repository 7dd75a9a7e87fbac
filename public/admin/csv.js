// Saves as a file what the server gives as CSV.

import { el } from '../lib/dom.js';
import { request } from '../lib/rest.js';
import { button } from './parts.js';

/** @param {import('./admin.js').Admin} admin @param {string} name  of the file @param {() => string} path */
export function csvButton(admin, name, path) {
  const node = button(admin.t('admin.csv'), { icon: 'download', 'data-csv': name, onclick: async () => {
    node.dataset.running = '';
    await admin.attempt(async () => {
      const { data } = await request('GET', path(), { accept: 'text/csv' });
      // A spreadsheet knows by the mark that this is UTF-8.
      const link = el('a', { download: `${name}-${admin.branch.nombre.replace(/[^\p{L}\p{N}]+/gu, '-')}.csv`, href: URL.createObjectURL(new Blob(['\ufeff', String(data).replace(/^\ufeff/, '')], { type: 'text/csv;charset=utf-8' })) });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
    delete node.dataset.running;
  } });
  return node;
}

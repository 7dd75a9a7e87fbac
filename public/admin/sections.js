// The table of sections: where each stands in the menu, who may see it, and which settings it edits. A section is loaded when it is opened.

/** @typedef {{build: (admin: import('./admin.js').Admin, signal: AbortSignal) => Node[]|Promise<Node[]>}} SectionModule */
/**
 * @typedef {object} Section
 * @property {string} name
 * @property {'now'|'office'|'access'} group
 * @property {import('../lib/session.js').Role} needs
 * @property {string[]} [settings]  the keys that it edits
 * @property {() => Promise<SectionModule>} load
 */

export const GROUPS = Object.freeze(/** @type {const} */ (['now', 'office', 'access']));

/** @type {readonly Section[]} */
export const SECTIONS = Object.freeze([
  { name: 'live', group: 'now', needs: 'supervisor', load: () => import('./sections/live.js') },
  { name: 'figures', group: 'now', needs: 'supervisor', load: () => import('./sections/figures.js') },
  { name: 'messages', group: 'now', needs: 'supervisor', load: () => import('./sections/messages.js') },
  { name: 'audit', group: 'now', needs: 'supervisor', load: () => import('./sections/audit.js') },
  { name: 'office', group: 'office', needs: 'admin', settings: ['name', 'time_zone', 'languages', 'cut_over', 'padding', 'names_on_display', 'screens', 'follow_on_phone', 'private_hooks'], load: () => import('./sections/office.js') },
  { name: 'services', group: 'office', needs: 'admin', settings: ['services', 'groups'], load: () => import('./sections/services.js') },
  { name: 'desks', group: 'office', needs: 'admin', settings: ['desks', 'outcomes', 'pauses', 'lease_grace', 'undo_within'], load: () => import('./sections/desks.js') },
  { name: 'hours', group: 'office', needs: 'admin', settings: ['hours', 'holidays', 'last_tickets'], load: () => import('./sections/hours.js') },
  {
    name: 'policy', group: 'office', needs: 'admin', load: () => import('./sections/policy.js'),
    settings: ['policy', 'classes', 'auto_finish', 'confirm_arrival', 'min_calls', 'recall_after', 'requeue', 'reactivate', 'reactivate_within', 'answer_within', 'deferrals'],
  },
  { name: 'users', group: 'access', needs: 'admin', load: () => import('./sections/users.js') },
  { name: 'devices', group: 'access', needs: 'admin', load: () => import('./sections/devices.js') },
  { name: 'hooks', group: 'access', needs: 'admin', load: () => import('./sections/hooks.js') },
  { name: 'branches', group: 'access', needs: 'admin', load: () => import('./sections/branches.js') },
]);

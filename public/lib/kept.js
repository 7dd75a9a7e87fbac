// What this browser keeps of a page under a name, until it is told otherwise. A private window may keep nothing: then a choice holds for this
// page, and the address can say it.

/** @param {string} name @returns {string|null} */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string|null} value  null keeps it no longer */
export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // nothing can be kept here
  }
}

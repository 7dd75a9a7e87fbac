// An office whose doors are kept, which every office is.

export { ADMIN, expect, Office as KeptOffice, test } from './office.js';

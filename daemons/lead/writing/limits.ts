/** Most characters of a name, an e-mail or a phone. */
export const CONTACT_MAX = 1_000;
/** Most characters of a source or a reference. */
export const LABEL_MAX = 200;

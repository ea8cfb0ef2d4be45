/** Which typed lines hold what nobody should find later: passwords, and keys of rooms. */

const TELLING = /^\s*\/(?:(?:login|register|password|lock)\s+\S|(?:join|account)\s+\S+\s+\S)/imu;

/** Tell whether *text*, as it was typed, holds a secret. */
export function confidential(text) {
  return TELLING.test(text);
}

/** *text* as it may be shown: what follows the command's name is not, if it is a secret. */
export function masked(text) {
  return confidential(text) ? `${text.trim().split(/\s/, 1)[0]} ••••` : text;
}

/** Keys: which one was meant, whatever the layout, Caps Lock and the input method. */

/** `keyCode` of any key that goes to an input method. */
const TO_INPUT_METHOD = 229;

/**
 * Return whether a key belongs to an input method, so the page must not act on it.
 *
 * In Safari, the key that ends a composition comes after its end: there only the outdated `keyCode` tells.
 * @param {KeyboardEvent} event
 */
export const isComposing = ({ isComposing, keyCode }) => isComposing || keyCode === TO_INPUT_METHOD;

/**
 * Return whether the key of the Latin letter *letter* was pressed.
 *
 * The letter that was typed counts, in either case; on a keyboard of another script, the place of the key.
 * @param {KeyboardEvent} event
 * @param {string} letter
 */
export function isLetter({ key, code }, letter) {
	const latin = key.length === 1 && key <= "~";
	return latin ? key.toLowerCase() === letter : code === `Key${letter.toUpperCase()}`;
}

/**
 * Return whether the key of the slash was pressed; what has another sign there zooms with it, if that is a minus.
 * @param {KeyboardEvent} event
 */
export const isSlash = ({ key, code }) => key === "/" || (code === "Slash" && !/[-_]/.test(key));

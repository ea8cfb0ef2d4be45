/* Boot: sets the theme and view before the first paint. Not a module, because modules run later. */

/**
 * Read what the browser keeps; nothing if it is damaged, or storage is switched off: this may be a first visit.
 * @param {"localStorage" | "sessionStorage"} area
 * @param {string} name
 */
function kept(area, name) {
	try {
		return JSON.parse(String(window[area].getItem(name))) ?? {};
	} catch {
		return {};
	}
}

document.documentElement.dataset.theme = kept("localStorage", "chatroom.settings").theme;
if (kept("sessionStorage", "chatroom.session").token) document.documentElement.dataset.view = "chat";

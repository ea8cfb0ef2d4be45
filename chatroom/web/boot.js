/* Boot: sets the theme and view before the first paint. Not a module, because modules run later. */

try {
	const root = document.documentElement.dataset;
	root.theme = JSON.parse(localStorage["chatroom.settings"] ?? "{}").theme;
	if (JSON.parse(sessionStorage["chatroom.session"]).token) root.view = "chat";
} catch {
	// The browser keeps nothing for us: this is a first visit, or storage is switched off.
}

/* What must be known before the first paint: the theme, and whether a session goes on. */
try {
	const root = document.documentElement.dataset;
	root.theme = JSON.parse(localStorage["chatroom.settings"] ?? "{}").theme;
	if (JSON.parse(sessionStorage["chatroom.session"]).token) root.view = "chat";
} catch {
	// Nothing is kept.
}
